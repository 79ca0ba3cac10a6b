import { useInfiniteQuery } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { NoSessions } from './no-sessions.tsx'
import { SessionsTable } from './sessions-table.tsx'
import { useRefreshWhenSessionsChange } from './use-refresh.ts'

/** All sessions, newest first, a page at a time. */
export function SessionsPanel() {
  const trpc = useTRPC()
  const pages = useInfiniteQuery(
    trpc.account.sessions.infiniteQueryOptions(
      {},
      { getNextPageParam: ({ next_cursor }) => next_cursor },
    ),
  )
  useRefreshWhenSessionsChange(trpc.account.sessions.pathKey())
  const sessions = pages.data?.pages.flatMap((page) => page.sessions) ?? []
  const csv = (
    <a href="/account/usage.csv" download className="panel-link">
      Download CSV
    </a>
  )
  return (
    <Panel title="Sessions" className="sessions" aside={sessions.length > 0 && csv}>
      {pages.isPending && <Skeleton label="Loading your sessions" lines={5} />}
      {pages.data && sessions.length === 0 && <NoSessions />}
      {sessions.length > 0 && <SessionsTable sessions={sessions} />}
      {pages.isError && (
        <LoadFailure
          what={pages.data ? 'more sessions' : 'your sessions'}
          error={pages.error}
          retry={pages.data ? pages.fetchNextPage : pages.refetch}
        />
      )}
      {pages.hasNextPage && !pages.isError && (
        <button
          type="button"
          className="button"
          aria-disabled={pages.isFetchingNextPage}
          onClick={() => void (pages.isFetchingNextPage || pages.fetchNextPage())}
        >
          {pages.isFetchingNextPage ? 'Loading …' : 'Show more'}
        </button>
      )}
    </Panel>
  )
}
