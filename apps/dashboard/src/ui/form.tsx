import type { FormEvent, InputEvent, ReactNode } from 'react'
import { useEffect, useRef, useState } from 'react'
import { toShownError } from '../api/api-error.ts'
import type { FieldIssue } from './form-issues.ts'
import { FormIssues } from './form-issues.ts'

type FormValues = Readonly<Partial<Record<string, string>>>

interface FormProps {
  /** Name of the form for assistive technology. */
  readonly label: string
  readonly submitLabel: string
  readonly isPending: boolean
  /** Of the last submission; null when it went well. */
  readonly error: unknown
  /** What this page can tell before the server does. */
  readonly check: (values: FormValues) => readonly FieldIssue[]
  readonly onSubmit: (values: FormValues) => void
  readonly children: ReactNode
}

const NONE: readonly FieldIssue[] = []
const UNTOUCHED: ReadonlySet<string> = new Set()

/** Fields, what is wrong with them, and a button. The focus goes to the first field at fault. */
export function Form({
  label,
  submitLabel,
  isPending,
  error,
  check,
  onSubmit,
  children,
}: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [found, setFound] = useState(NONE)
  const [edited, setEdited] = useState<ReadonlySet<string>>(UNTOUCHED)
  const failure = error && found.length === 0 ? toShownError(error) : undefined
  const issues = failure?.issues ?? found

  useEffect(() => {
    if (issues.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [issues])

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    if (isPending) return
    const entries = [...new FormData(event.currentTarget)]
    const values = Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
    const wrong = check(values)
    setEdited(UNTOUCHED)
    setFound(wrong.length > 0 ? wrong : NONE)
    if (wrong.length === 0) onSubmit(values)
  }

  /** What was wrong with a field need not be with what stands there now. */
  function noteEdit({ target }: InputEvent<HTMLFormElement>): void {
    if (target instanceof HTMLInputElement) setEdited(new Set([...edited, target.name]))
  }

  return (
    <form
      ref={form}
      className="form"
      aria-label={label}
      noValidate
      onInput={noteEdit}
      onSubmit={submit}
    >
      <FormIssues value={issues.filter(({ path }) => !edited.has(path))}>{children}</FormIssues>
      <p className="form-failure" role="alert">
        {failure && failure.issues.length === 0 ? failure.message : ''}
      </p>
      {/* Not disabled while it works: a disabled button loses the focus. */}
      <button type="submit" className="button primary" aria-disabled={isPending}>
        {isPending ? 'One moment …' : submitLabel}
      </button>
    </form>
  )
}
