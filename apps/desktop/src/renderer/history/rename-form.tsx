import type { FormEvent } from 'react'
import { useEffect, useRef } from 'react'

interface RenameFormProps {
  readonly title: string
  onRename(title: string): unknown
  onCancel(): void
}

/** Takes a new title: Enter keeps it, Escape does not. */
export function RenameForm({ title, onRename, onCancel }: RenameFormProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])

  function submit(event: FormEvent): void {
    event.preventDefault()
    const next = field.current?.value.trim()
    if (next && next !== title) void onRename(next)
    else onCancel()
  }

  return (
    <form
      className="field-with-button"
      aria-label={`Rename ${title || 'this session'}`}
      onSubmit={submit}
    >
      <input
        ref={field}
        className="input"
        aria-label="Title"
        maxLength={200}
        defaultValue={title}
        onKeyDown={({ key }) => {
          if (key === 'Escape') onCancel()
        }}
      />
      <button type="submit" className="button">
        Rename
      </button>
    </form>
  )
}
