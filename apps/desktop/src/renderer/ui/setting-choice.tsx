import type { ReactNode } from 'react'
import { useId } from 'react'
import { FieldProblem } from './field-problem.tsx'

interface Option<Value> {
  readonly value: Value
  readonly name: ReactNode
  readonly detail?: ReactNode
  /** It is there, and cannot be chosen now. Only in a list. */
  readonly isDisabled?: boolean
}

interface ChoiceProps<Value> {
  readonly label: string
  readonly value: Value
  readonly options: readonly Option<Value>[]
  readonly problem?: string | undefined
  readonly hint?: string | undefined
  onChoose(value: Value): unknown
}

/** One of a few, all in sight: arrows move. */
export function SettingRadios<Value extends string>({
  label,
  value,
  options,
  problem,
  onChoose,
}: ChoiceProps<Value>) {
  const name = useId()
  return (
    <fieldset className="field">
      <legend>{label}</legend>
      <div className="choices">
        {options.map((option) => (
          <label key={option.value} className="choice">
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.name}</span>
            {option.detail && <small>{option.detail}</small>}
          </label>
        ))}
      </div>
      <FieldProblem problem={problem} />
    </fieldset>
  )
}

/** One of a few short words, side by side. */
export function SettingSegments<Value extends string>({
  label,
  value,
  options,
  problem,
  hint,
  onChoose,
}: ChoiceProps<Value>) {
  const name = useId()
  return (
    <fieldset className="field">
      <legend>{label}</legend>
      <div className="segments">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.name}
          </label>
        ))}
      </div>
      {hint && <p className="field-hint">{hint}</p>}
      <FieldProblem problem={problem} />
    </fieldset>
  )
}

/** One of many. */
export function SettingSelect<Value extends string>({
  label,
  value,
  options,
  problem,
  hint,
  onChoose,
}: ChoiceProps<Value>) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={({ target }) => onChoose(target.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.isDisabled}>
            {option.name}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <FieldProblem problem={problem} />
    </div>
  )
}
