import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTRPC } from '../api/trpc.ts'

/** What is to be bought. */
export type Choice = { readonly package_id: string } | { readonly amount_cents: number }

/** One purchase that somebody wants, however often the button is pressed. */
function newPurchaseKey(): string {
  // Unlike randomUUID, this also exists on a page that came by plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Leads to the payment page. `chosen` is what is under way; it stays set until the page is left. */
export function useCheckout() {
  const trpc = useTRPC()
  const [chosen, setChosen] = useState<Choice>()
  const checkout = useMutation(
    trpc.billing.checkout.mutationOptions({
      onSuccess: ({ checkout_url }) => location.assign(checkout_url),
      onError: () => setChosen(undefined),
    }),
  )
  // Back from the payment page, a browser may show the page just as it was left.
  useEffect(() => {
    const release = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) setChosen(undefined)
    }
    addEventListener('pageshow', release)
    return () => removeEventListener('pageshow', release)
  }, [])
  return {
    chosen,
    error: checkout.error,
    buy(choice: Choice): void {
      if (chosen) return
      setChosen(choice)
      checkout.mutate({ ...choice, idempotency_key: newPurchaseKey() })
    },
  }
}
