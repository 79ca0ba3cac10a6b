import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Pool } from 'pg'
import { AppError } from '../app-error.ts'

/** Bounds the attempts to get in, per address of the client. */
export interface AuthRateLimit {
  /**
   * Counts one attempt.
   * @param address as the server knows it, not as the client claims it
   * @throws AppError `rate_limited`, with the time to wait
   */
  countAttempt(address: string): Promise<void>
}

const WINDOW_S = 60

/**
 * @param deps.pool where the count is shared by all server processes; undefined: it is this
 * process's own. A database that is away does not lift the limit: each process then counts alone.
 * @param deps.perMinute attempts of one address
 */
export function createAuthRateLimit(deps: {
  readonly pool: Pool | undefined
  readonly perMinute: number
}): AuthRateLimit {
  const bounds = { keyPrefix: 'auth', points: deps.perMinute, duration: WINDOW_S }
  const alone = new RateLimiterMemory(bounds)
  const limiter = deps.pool
    ? new RateLimiterPostgres({
        ...bounds,
        storeClient: deps.pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        // Sweeps out, every few minutes, what has expired.
        clearExpiredByTimeout: true,
        insuranceLimiter: alone,
        // Who is over the limit costs no query any more.
        inMemoryBlockOnConsumed: deps.perMinute,
      })
    : alone

  return {
    async countAttempt(address) {
      try {
        await limiter.consume(address)
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        const waitS = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
        const message = `Too many attempts from your network. Try again in ${waitS} seconds.`
        throw new AppError('rate_limited', message, waitS * 1000)
      }
    },
  }
}
