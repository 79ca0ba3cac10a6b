import type { FormEvent } from 'react'
import { useId, useState } from 'react'
import { formatAmount } from '../format/duration.ts'
import { formatCents } from '../format/money.ts'

interface CustomAmountProps {
  readonly range: {
    readonly seconds_per_dollar: number
    readonly min_cents: number
    readonly max_cents: number
  }
  readonly isPending: boolean
  onBuy(amountCents: number): void
}

/** An amount of the buyer's choice, and how long it lasts. */
export function CustomAmount({ range, isPending, onBuy }: CustomAmountProps) {
  const id = useId()
  const [text, setText] = useState('')
  const cents = Math.round(Number(text.replace(',', '.')) * 100)
  const isAllowed = cents >= range.min_cents && cents <= range.max_cents
  const from = formatCents(range.min_cents, 'usd')
  const to = formatCents(range.max_cents, 'usd')

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (isAllowed && !isPending) onBuy(cents)
  }

  return (
    <form className="field" aria-label="Another amount" onSubmit={submit}>
      <label htmlFor={id}>Another amount, in dollars</label>
      <div className="field-with-button">
        <input
          id={id}
          className="input"
          inputMode="decimal"
          autoComplete="off"
          aria-describedby={`${id}-hint`}
          aria-invalid={text !== '' && !isAllowed}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit" className="button" aria-disabled={!isAllowed || isPending}>
          Buy
        </button>
      </div>
      <p id={`${id}-hint`} className="field-hint number">
        {isAllowed
          ? `${formatAmount((cents / 100) * range.seconds_per_dollar * 1000)} of captions`
          : `From ${from} to ${to}.`}
      </p>
    </form>
  )
}
