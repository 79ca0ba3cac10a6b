import { z } from 'zod'

/** Prepaid audio as the wire shows it. Seconds and minutes are rounded down: never more than there is. */
export const creditsSchema = z.object({
  seconds_remaining: z.int().nonnegative(),
  minutes_remaining: z.int().nonnegative(),
  balance_ms: z.int().nonnegative().meta({ description: 'Exact, in milliseconds of audio.' }),
})
export type Credits = z.infer<typeof creditsSchema>

/** @param unspentMs what the user has left, whole ms, 0 or more */
export function toCredits(unspentMs: number): Credits {
  return {
    seconds_remaining: Math.floor(unspentMs / 1000),
    minutes_remaining: Math.floor(unspentMs / 60_000),
    balance_ms: unspentMs,
  }
}
