import type { ComponentProps } from 'react'
import { useId } from 'react'
import { useFieldIssue } from './form-issues.ts'

interface FieldProps extends Omit<ComponentProps<'input'>, 'name' | 'id'> {
  readonly name: string
  readonly label: string
  readonly hint?: string
}

/** A labelled input of a `Form`; what is wrong with it is tied to it and announced. */
export function Field({ name, label, hint, ...input }: FieldProps) {
  const id = useId()
  const issue = useFieldIssue(name)
  const described = [hint && `${id}-hint`, issue && `${id}-issue`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        aria-invalid={issue !== undefined}
        aria-describedby={described || undefined}
        {...input}
      />
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <p id={`${id}-issue`} className="field-issue" aria-live="polite">
        {issue}
      </p>
    </div>
  )
}
