import type { FormEvent } from 'react'
import { useId } from 'react'

interface SecretFormProps {
  readonly label: string
  readonly submitLabel: string
  readonly hint?: string
  readonly placeholder?: string | undefined
  readonly isPending: boolean
  readonly problem: string | undefined
  onSubmit(secret: string): unknown
}

/**
 * Takes a secret once. It is read from the field when it is sent, and the field is emptied: no
 * state of this page ever holds it, and it cannot be shown again.
 */
export function SecretForm({
  label,
  submitLabel,
  hint,
  placeholder,
  isPending,
  problem,
  onSubmit,
}: SecretFormProps) {
  const id = useId()

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const field = event.currentTarget.elements.namedItem('secret')
    if (isPending || !(field instanceof HTMLInputElement) || field.value === '') return
    const secret = field.value
    field.value = ''
    void onSubmit(secret)
  }

  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  return (
    <form className="field" aria-label={label} noValidate onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <div className="field-with-button">
        <input
          id={id}
          name="secret"
          type="password"
          className="input"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          aria-invalid={problem !== undefined}
          aria-describedby={described || undefined}
        />
        <button type="submit" className="button" aria-disabled={isPending}>
          {isPending ? 'Checking …' : submitLabel}
        </button>
      </div>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <p id={`${id}-problem`} className="problem" role="alert">
        {problem}
      </p>
    </form>
  )
}
