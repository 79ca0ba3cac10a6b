import type { ReactNode } from 'react'
import { useEffect, useId, useRef } from 'react'

interface ConfirmDialogProps {
  readonly title: string
  readonly children: ReactNode
  readonly confirmLabel: string
  onConfirm(): void
  /** Closed in any way. */
  onClose(): void
}

/** Asks before something is lost. The focus starts on Cancel and goes back where it was. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={onClose}>
      <form method="dialog">
        <h2 id={id}>{title}</h2>
        <div>{children}</div>
        <div className="buttons">
          <button type="submit" className="button">
            Cancel
          </button>
          <button type="submit" className="button danger" onClick={onConfirm}>
            {confirmLabel}
          </button>
        </div>
      </form>
    </dialog>
  )
}
