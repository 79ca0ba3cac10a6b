import type { Pool } from 'pg'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'

/** Publishes what the pool and the readiness know already. */
export function watchDatabase(metrics: Metrics, pool: Pool, readiness: Readiness): void {
  const connections = (state: string, count: () => number): void =>
    metrics.watch('saywire_database_connections', count, { state })
  connections('used', () => pool.totalCount - pool.idleCount)
  connections('idle', () => pool.idleCount)
  connections('waiting', () => pool.waitingCount)
  metrics.watch('saywire_database_up', () => Number(readiness.database === 'connected'))
  metrics.watch('saywire_draining', () => Number(readiness.isDraining))
}
