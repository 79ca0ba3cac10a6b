import { splitBalance } from '../format/duration.ts'
import { useLive } from '../live/live-context.ts'
import { LiveSessions } from '../live/live-sessions.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

/** Below this the balance says that it is low: where a server also warns the app, unless it is told otherwise. */
const LOW_MS = 300_000

/** The balance, large and live, with what is using it up right now. */
export function BalanceScreen() {
  const { credits, sessions } = useLive()
  return (
    <section className="screen" aria-labelledby="balance-title">
      <h2 id="balance-title">Credit left</h2>
      {credits ? (
        <Balance balanceMs={credits.balance_ms} />
      ) : (
        <Skeleton label="Loading" lines={2} />
      )}
      <LiveSessions sessions={sessions} />
    </section>
  )
}

function Balance({ balanceMs }: { readonly balanceMs: number }) {
  const { minutes, seconds } = splitBalance(balanceMs)
  return (
    <>
      <p className="balance" data-balance-ms={balanceMs}>
        <span className="balance-minutes">{minutes}</span>
        <span className="balance-unit"> min </span>
        <span className="balance-seconds">{seconds}</span>
        <span className="balance-unit"> s</span>
      </p>
      <p className="balance-note">{noteOn(balanceMs)}</p>
    </>
  )
}

function noteOn(balanceMs: number): string {
  if (balanceMs === 0) return 'Captions by this server start once there is credit.'
  if (balanceMs < LOW_MS) return 'Running low. You can buy more while a session runs.'
  return 'of captions by this server. Those made on your own computer are free.'
}
