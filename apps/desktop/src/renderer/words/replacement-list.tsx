import type { FormEvent } from 'react'
import { useId, useRef } from 'react'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'

/** What was heard, and what is written instead. */
export function ReplacementList() {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const rules = useSetting('words', 'replacements')

  function add(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    const read = (name: string): string => {
      const value = values.get(name)
      return typeof value === 'string' ? value.trim() : ''
    }
    const [from, to] = [read('from'), read('to')]
    if (from === '') return
    const matchCase = values.get('matchCase') !== null
    void rules.set([...rules.value, { from, to, matchCase }])
    event.currentTarget.reset()
    form.current?.querySelector('input')?.focus()
  }

  return (
    <>
      <form ref={form} className="add-rule" aria-label="New replacement" onSubmit={add}>
        <div className="field">
          <label htmlFor={`${id}-from`}>Heard</label>
          <input
            id={`${id}-from`}
            name="from"
            className="input"
            maxLength={100}
            autoComplete="off"
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-to`}>Written</label>
          <input
            id={`${id}-to`}
            name="to"
            className="input"
            maxLength={100}
            autoComplete="off"
            placeholder="nothing"
          />
        </div>
        <button type="submit" className="button">
          Add
        </button>
        <label className="choice">
          <input type="checkbox" name="matchCase" />
          <span>Match capital letters exactly</span>
        </label>
      </form>
      <p className="problem" role="alert">
        {rules.problem}
      </p>
      <ul className="rules" aria-label="Replacements">
        {rules.value.map(({ from, to, matchCase }, at) => (
          <li key={`${from}\n${to}\n${matchCase}`}>
            <span>{from}</span>
            <span aria-hidden="true">→</span>
            <span>{to || <em>left out</em>}</span>
            {matchCase && <span className="chip">Aa</span>}
            <ActionButton
              className="button bare"
              label={`Remove the replacement of ${from}`}
              onPress={async () => rules.set(rules.value.toSpliced(at, 1))}
            >
              <Icon name="close" />
            </ActionButton>
          </li>
        ))}
      </ul>
    </>
  )
}
