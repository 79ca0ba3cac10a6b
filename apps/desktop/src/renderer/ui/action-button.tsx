import type { ReactNode } from 'react'

interface ActionButtonProps {
  readonly children: ReactNode
  readonly className?: string
  /** It works on it: shown, and not asked twice. The focus stays. */
  readonly isPending?: boolean
  readonly isDisabled?: boolean
  readonly label?: string
  readonly describedBy?: string
  onPress(): unknown
}

/** A button that keeps the focus while it cannot be pressed. */
export function ActionButton({
  children,
  className = 'button',
  isPending = false,
  isDisabled = false,
  label,
  describedBy,
  onPress,
}: ActionButtonProps) {
  const isOff = isPending || isDisabled
  return (
    <button
      type="button"
      className={className}
      aria-disabled={isOff}
      aria-busy={isPending}
      aria-label={label}
      aria-describedby={describedBy}
      onClick={() => {
        if (!isOff) void onPress()
      }}
    >
      {children}
    </button>
  )
}
