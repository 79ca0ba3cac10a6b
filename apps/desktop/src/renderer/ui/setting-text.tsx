import type { KeyboardEvent } from 'react'
import { useId, useState } from 'react'
import { FieldProblem } from './field-problem.tsx'

interface SettingTextProps {
  readonly label: string
  readonly value: string
  readonly problem: string | undefined
  readonly hint?: string
  readonly placeholder?: string
  readonly type?: 'text' | 'url' | 'number'
  readonly isShort?: boolean
  readonly rows?: number
  /** What a language other than the window's would check. */
  readonly isCode?: boolean
  /** @returns once `value` or `problem` says what came of it */
  onCommit(value: string): Promise<void> | void
}

/**
 * A text that is applied when the field is left or Enter is pressed. What was refused stays in the
 * field, with the reason beside it, until it is mended; Escape brings the applied text back.
 */
export function SettingText({
  label,
  value,
  problem,
  hint,
  placeholder,
  type = 'text',
  isShort = false,
  rows,
  isCode = true,
  onCommit,
}: SettingTextProps) {
  const id = useId()
  const [draft, setDraft] = useState<string>()
  /** The draft that was committed last. */
  const [settled, setSettled] = useState<string>()
  const shown = draft ?? value

  async function commit(): Promise<void> {
    if (draft === undefined || draft === settled) return
    if (draft !== value || problem) await onCommit(draft.trim())
    setSettled(draft)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && rows === undefined) void commit()
    if (event.key === 'Escape' && draft !== undefined) {
      event.stopPropagation()
      setDraft(undefined)
      if (problem) void onCommit(value)
    }
  }

  // Applied: from now on the field shows what the setting says.
  if (draft !== undefined && draft === settled && !problem) {
    setDraft(undefined)
    setSettled(undefined)
  }

  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  const field = {
    id,
    value: shown,
    placeholder,
    className: isShort ? 'input short' : 'input',
    spellCheck: !isCode,
    autoComplete: 'off',
    'aria-invalid': problem !== undefined,
    'aria-describedby': described || undefined,
    onBlur: () => void commit(),
    onKeyDown,
    onChange: ({ target }: { target: { value: string } }) => setDraft(target.value),
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input {...field} type={type === 'number' ? 'text' : type} inputMode={MODES[type]} />
      ) : (
        <textarea {...field} rows={rows} />
      )}
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  )
}

const MODES = { text: 'text', url: 'url', number: 'decimal' } as const
