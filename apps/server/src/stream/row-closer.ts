import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { SessionStore } from '../sessions/session-store.ts'

/**
 * Closes sessions' rows, and goes on trying where the database is away: what was used is charged
 * late rather than never. Closing is idempotent, so trying again can do no harm.
 */
export interface RowCloser {
  /** Resolves after the first attempt, whether it succeeded or is being repeated. */
  close(...args: Parameters<SessionStore['close']>): Promise<void>
  /** Resolves when nothing is being repeated any more. */
  settled(): Promise<void>
}

const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 5000

export function createRowCloser(store: Pick<SessionStore, 'close'>, log: Logger): RowCloser {
  const pending = new Set<Promise<void>>()

  async function attempt(sessionId: string, end: Parameters<SessionStore['close']>[1]) {
    try {
      await store.close(sessionId, end)
      return true
    } catch (error) {
      const details = { err: error, session_id: sessionId, used_ms: end.usedMs }
      log.error(details, 'session row could not be closed yet')
      return false
    }
  }

  return {
    async close(sessionId, end) {
      if (await attempt(sessionId, end)) return
      const repeated = (async () => {
        for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
          await sleep(waitMs)
          if (await attempt(sessionId, end)) return
        }
      })()
      pending.add(repeated)
      void repeated.finally(() => pending.delete(repeated))
    },
    async settled() {
      await Promise.all(pending)
    },
  }
}
