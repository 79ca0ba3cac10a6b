import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseTerms } from './leases.ts'

/** Who takes over the last of the credit waits until it is settled, or its process silent. */
const POLL_MS = 100
const WAIT_STALES = 2

/**
 * Asks until the session that ends is settled, or its process has been silent for too long.
 * @param deps.now monotonic clock, ms
 */
export async function askUntilFree<T extends { readonly outcome: string }>(
  ask: () => Promise<T>,
  { terms, now }: { readonly terms: Pick<LeaseTerms, 'staleMs'>; readonly now: () => number },
): Promise<{ readonly answer: T; readonly askedAtMs: number }> {
  const deadlineMs = now() + WAIT_STALES * terms.staleMs
  for (;;) {
    const askedAtMs = now()
    const answer = await ask()
    if (answer.outcome !== 'taking_over' || now() >= deadlineMs) return { answer, askedAtMs }
    await sleep(POLL_MS)
  }
}
