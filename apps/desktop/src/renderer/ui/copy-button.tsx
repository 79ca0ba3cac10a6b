import { useEffect, useState } from 'react'
import { Icon } from './icon.tsx'

const SAID_MS = 2000

interface CopyButtonProps {
  readonly label: string
  readonly className?: string
  /** Puts it on the clipboard. */
  onCopy(): Promise<unknown>
}

/** Says that it copied, for a moment, without changing its size. */
export function CopyButton({ label, className = 'button', onCopy }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SAID_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      className={`${className} copy-button`}
      data-copied={isCopied}
      onClick={() =>
        void onCopy().then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
    >
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span className="copy-words" data-other="Copied">
        {isCopied ? 'Copied' : label}
      </span>
      <span className="visually-hidden" role="status">
        {isCopied ? 'Copied to the clipboard' : ''}
      </span>
    </button>
  )
}
