import { toShownError } from '../api/api-error.ts'
import type { Outputs } from '../api/trpc.ts'
import { formatDuration } from '../format/duration.ts'
import { formatPrice } from '../format/money.ts'
import { CustomAmount } from './custom-amount.tsx'
import { useCheckout } from './use-checkout.ts'

type Packages = Outputs['billing']['packages']

interface CreditPacksProps {
  readonly packs: Packages['packages']
  readonly custom: Packages['custom']
}

/** What there is to buy. */
export function CreditPacks({ packs, custom }: CreditPacksProps) {
  const { chosen, error, buy } = useCheckout()
  const chosenId = chosen && 'package_id' in chosen ? chosen.package_id : undefined
  return (
    <>
      <ul className="rows">
        {packs.map(({ id, label, seconds, price_cents, currency }) => (
          <li key={id} className="pack row">
            <div>
              <h3>{label}</h3>
              <p className="pack-time">{formatDuration(seconds * 1000, 'long')} of captions</p>
            </div>
            <button
              type="button"
              className="button primary"
              aria-disabled={chosen !== undefined}
              onClick={() => buy({ package_id: id })}
            >
              {chosenId === id ? 'Opening …' : `Buy for ${formatPrice(price_cents, currency)}`}
            </button>
          </li>
        ))}
      </ul>
      {custom && <CustomAmount offer={custom} isBusy={chosen !== undefined} buy={buy} />}
      <p className="form-failure" role="alert">
        {error ? toShownError(error).message : ''}
      </p>
      <p className="fine-print">You pay on Stripe’s page. Your card never reaches this server.</p>
    </>
  )
}
