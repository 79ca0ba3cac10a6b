import { useId } from 'react'
import { FieldProblem } from './field-problem.tsx'

interface SettingSwitchProps {
  readonly label: string
  readonly hint?: string
  readonly value: boolean
  /** It keeps the focus, so that its hint, which says why, can be heard. */
  readonly isDisabled?: boolean
  readonly problem?: string | undefined
  onChange(value: boolean): unknown
}

/** On or off. */
export function SettingSwitch({
  label,
  hint,
  value,
  isDisabled = false,
  problem,
  onChange,
}: SettingSwitchProps) {
  const id = useId()
  return (
    <div className="field">
      <label className="choice">
        <input
          type="checkbox"
          checked={value}
          aria-disabled={isDisabled}
          aria-describedby={hint ? id : undefined}
          onChange={({ target }) => {
            if (!isDisabled) onChange(target.checked)
          }}
        />
        <span>{label}</span>
        {hint && <small id={id}>{hint}</small>}
      </label>
      <FieldProblem problem={problem} />
    </div>
  )
}
