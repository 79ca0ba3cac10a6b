import { useEffect, useState } from 'react'
import type { DesktopClient } from '../api/desktop.ts'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { sentenceOf } from '../api/shown-error.ts'
import { useAction } from '../api/use-action.ts'
import { formatAmount } from '../format/duration.ts'
import { formatCents } from '../format/money.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { CustomAmount } from './custom-amount.tsx'

type Offer = Awaited<ReturnType<DesktopClient['account']['packages']['query']>>

type Order = { packageId: string } | { amountCents: number }

const PURCHASES = {
  none: undefined,
  waiting: 'Checkout is open in your browser. The credit is added here once it is paid.',
  paid: 'Thank you! The credit was added.',
  failed: 'Nothing was charged. Try again if you meant to buy.',
} as const

/** What the server sells; buying happens in the browser. */
export function BuyCredit() {
  const client = useClient()
  const { purchase } = useDesktopState().account
  const { offer, problem } = useOffer()
  const buy = useAction(async (order: Order) => client.account.buy.mutate(order))
  if (offer && !offer.buying) {
    return <p className="quiet-text">This server does not sell credit; its owner hands it out.</p>
  }
  return (
    <section aria-labelledby="buy-heading" className="buy-credit">
      <h3 id="buy-heading">Buy credit</h3>
      <ul className="packs">
        {offer?.packages.map(({ id, label, seconds, price_cents, currency }) => (
          <li key={id}>
            <ActionButton
              className="button pack"
              isPending={buy.isPending}
              onPress={async () => buy.run({ packageId: id })}
            >
              <span>{formatAmount(seconds * 1000)}</span>
              <strong className="number">{formatCents(price_cents, currency)}</strong>
              <span className="visually-hidden">{label}</span>
            </ActionButton>
          </li>
        ))}
      </ul>
      {offer?.custom && (
        <CustomAmount
          range={offer.custom}
          isPending={buy.isPending}
          onBuy={(amountCents) => void buy.run({ amountCents })}
        />
      )}
      <p className={purchase === 'paid' ? 'success' : 'quiet-text'} role="status">
        {PURCHASES[purchase]}
      </p>
      <p className="problem" role="alert">
        {buy.problem ?? problem}
      </p>
    </section>
  )
}

function useOffer(): { offer: Offer | undefined; problem: string | undefined } {
  const client = useClient()
  const [offer, setOffer] = useState<Offer>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isShown = true
    client.account.packages.query().then(
      (answer) => isShown && setOffer(answer),
      (error: unknown) => isShown && setProblem(sentenceOf(error)),
    )
    return () => void (isShown = false)
  }, [client])
  return { offer, problem }
}
