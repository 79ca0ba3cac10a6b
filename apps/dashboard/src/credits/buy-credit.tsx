import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { CreditPacks } from './credit-packs.tsx'

/** The packs, each leading to the payment page. */
export function BuyCredit() {
  const trpc = useTRPC()
  const packages = useQuery(trpc.billing.packages.queryOptions(undefined, { staleTime: 60_000 }))
  return (
    <Panel title="Buy credit" className="buy">
      {packages.isPending && <Skeleton label="Loading the packs" lines={4} />}
      {packages.isError && (
        <LoadFailure what="the packs" error={packages.error} retry={packages.refetch} />
      )}
      {packages.data?.buying === false && <BuyingOff />}
      {packages.data?.buying && (
        <CreditPacks packs={packages.data.packages} custom={packages.data.custom} />
      )}
    </Panel>
  )
}

function BuyingOff() {
  return (
    <div className="empty">
      <p>
        <strong>This server does not sell credit.</strong>
      </p>
      <p>
        Ask whoever runs it to grant you some. Captions made on your own computer need no credit:
        choose the local engine in the app.
      </p>
    </div>
  )
}
