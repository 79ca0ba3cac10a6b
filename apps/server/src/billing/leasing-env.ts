import { z } from 'zod'
import { about, meanings, wholeNumber } from '../env-variables.ts'
import type { LeaseTerms } from './leases.ts'

/** How credit is leased to sessions. Times in ms. */
export interface Leasing extends Omit<LeaseTerms, 'sessionsMaxPerUser' | 'staleMs'> {
  /** Between heartbeats. */
  readonly flushMs: number
}

/** A stream of hours has a ledger entry for each of these stretches, each on its own day. */
const SETTLE_EVERY_MS = 600_000

/** The part of the configuration that is about leases and limits of sessions. */
export const leasingVariables = {
  LEASE_MS: wholeNumber(1000, 3_600_000)
    .default(60_000)
    .register(
      meanings,
      about('Credit that a session takes out of the balance ahead of its use, in ms.', '60000'),
    ),
  USAGE_FLUSH_MS: wholeNumber(100, 10_000)
    .default(1000)
    .register(
      meanings,
      about('How often what was used is written down, in ms: the most that a crash loses.', '1000'),
    ),
  LEASE_EXPIRY_MS: wholeNumber(500, 600_000)
    .default(15_000)
    .register(
      meanings,
      about(
        'A server that is silent for so long is taken for dead, in ms; at least 3 × USAGE_FLUSH_MS, ' +
          'and the same on all servers of one database.',
        '15000',
      ),
    ),
  SESSIONS_PER_USER: wholeNumber(1, 1000)
    .default(2)
    .register(meanings, about('Sessions of one user at once, over all servers.', '2')),
  CREDITS_LOW_SECONDS: z
    .string()
    .default('300,60')
    .transform((list) => list.split(',').map((part) => part.trim()))
    .pipe(z.array(wholeNumber(1, 1_000_000)))
    .register(meanings, about('Credit left, in seconds, at which clients are warned.', '300,60')),
}

const leasingSchema = z.object(leasingVariables)

/** Heartbeats that a process has missed when its sessions may be taken over without asking it. */
const STALE_HEARTBEATS = 2.5

/** A process without a heartbeat for this long is as good as dead to whoever takes over from it, ms. */
export function staleMsOf({ flushMs }: Pick<Leasing, 'flushMs'>): number {
  return STALE_HEARTBEATS * flushMs
}

/** How credit is leased, from variables that are right each by itself. */
export function toLeasing(env: z.infer<typeof leasingSchema>): Leasing {
  return {
    leaseMs: env.LEASE_MS,
    expiryMs: env.LEASE_EXPIRY_MS,
    flushMs: env.USAGE_FLUSH_MS,
    settleEveryMs: SETTLE_EVERY_MS,
  }
}
