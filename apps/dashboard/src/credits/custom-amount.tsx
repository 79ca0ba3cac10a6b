import { useState } from 'react'
import type { Outputs } from '../api/trpc.ts'
import { formatDuration } from '../format/duration.ts'
import { formatPrice, parseDollars } from '../format/money.ts'
import { Field } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import type { Choice } from './use-checkout.ts'

type Offer = NonNullable<Outputs['billing']['packages']['custom']>

interface CustomAmountProps {
  readonly offer: Offer
  readonly isBusy: boolean
  readonly buy: (choice: Choice) => void
}

/** Any amount within the offer's bounds, and what one gets for it. */
export function CustomAmount({ offer, isBusy, buy }: CustomAmountProps) {
  const [text, setText] = useState('')
  const cents = parseDollars(text)
  const bounds = `${formatPrice(offer.min_cents, 'usd')} to ${formatPrice(offer.max_cents, 'usd')}`
  const isWithin = cents !== undefined && cents >= offer.min_cents && cents <= offer.max_cents
  const hint = isWithin ? `Gives ${creditFor(cents, offer)} of captions.` : `From ${bounds}.`
  return (
    <div className="custom-amount">
      <Form
        label="Another amount"
        submitLabel="Buy"
        isPending={isBusy}
        error={null}
        check={() =>
          isWithin ? [] : [{ path: 'amount', message: `Enter an amount from ${bounds}.` }]
        }
        onSubmit={() => cents !== undefined && buy({ amount_cents: cents })}
      >
        <Field
          name="amount"
          label="Another amount, in dollars"
          inputMode="decimal"
          autoComplete="off"
          hint={hint}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Form>
    </div>
  )
}

function creditFor(cents: number, offer: Offer): string {
  return formatDuration(Math.floor((cents * offer.seconds_per_dollar) / 100) * 1000, 'long')
}
