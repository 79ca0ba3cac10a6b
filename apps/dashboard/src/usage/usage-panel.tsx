import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'
import { localTimeZone } from '../format/date.ts'
import { useLive } from '../live/live-context.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { UsageChart } from './usage-chart.tsx'
import { UsageTable } from './usage-table.tsx'
import { useRefreshWhenSessionsChange } from './use-refresh.ts'

/** How often the bar of today follows a session that runs. */
const FOLLOW_MS = 30_000

/** Credit used on each of the last 30 days of the user's calendar. */
export function UsagePanel() {
  const trpc = useTRPC()
  const { sessions } = useLive()
  const usage = useQuery(
    trpc.account.usage.queryOptions(
      { time_zone: localTimeZone() },
      { refetchInterval: sessions?.length ? FOLLOW_MS : false },
    ),
  )
  // A session that was refused used nothing: that is no chart yet.
  const hasUse = usage.data?.days.some(({ used_ms }) => used_ms > 0)
  useRefreshWhenSessionsChange(trpc.account.usage.pathKey())
  return (
    <Panel title="Last 30 days" className="usage">
      {usage.isPending && <Skeleton label="Loading your usage" lines={5} />}
      {usage.isError && <LoadFailure what="your usage" error={usage.error} retry={usage.refetch} />}
      {usage.data && !hasUse && (
        <p className="empty">
          Nothing used in the last 30 days. Each day’s use will stand here as a bar.
        </p>
      )}
      {usage.data && hasUse && (
        <>
          <UsageChart days={usage.data.days} />
          <UsageTable days={usage.data.days} />
        </>
      )}
    </Panel>
  )
}
