import { useQuery } from '@tanstack/react-query'
import { useTRPCClient } from '../api/trpc.ts'
import { formatDuration } from '../format/duration.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

/** A card is paid within seconds; a bank may take days. */
const POLL_MIN_MS = 2000
const POLL_MAX_MS = 60_000

/** What became of a purchase; asks again while the payment is under way. */
export function CheckoutResult({ sessionId }: { readonly sessionId: string }) {
  const client = useTRPCClient()
  const purchase = useQuery({
    queryKey: ['purchase', sessionId],
    queryFn: async () => client.billing.verify.mutate({ session_id: sessionId }),
    refetchInterval: ({ state }) =>
      state.data?.status === 'pending' &&
      Math.min(POLL_MAX_MS, POLL_MIN_MS * Math.max(1, state.dataUpdateCount / 5)),
  })
  if (purchase.isPending) return <Skeleton label="Asking about the payment" lines={3} />
  if (purchase.isError) {
    return <LoadFailure what="this purchase" error={purchase.error} retry={purchase.refetch} />
  }
  const { status, seconds, credits } = purchase.data
  return (
    <div role="status" data-purchase={status}>
      {status === 'paid' && (
        <>
          <p className="purchase-gain">+ {formatDuration(seconds * 1000)}</p>
          <p>
            Paid, thank you. You now have{' '}
            <strong>{formatDuration(credits.balance_ms, 'long')}</strong> of captions.
          </p>
        </>
      )}
      {status === 'pending' && (
        <p>
          <strong>The payment is on its way.</strong> Some ways of paying take a while. This page
          keeps looking; you may also leave, the credit arrives by itself.
        </p>
      )}
      {status === 'failed' && (
        <p>
          <strong>The payment did not go through.</strong> Nothing was charged. Try again with
          another way of paying.
        </p>
      )}
      {status === 'expired' && (
        <p>
          <strong>The payment page has expired.</strong> Nothing was charged. Start again from the
          dashboard.
        </p>
      )}
    </div>
  )
}
