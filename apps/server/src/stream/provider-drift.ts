import type { Logger } from 'pino'
import type { ProviderReceipt } from '../sessions/session-rows.ts'

/** The provider's count and ours may differ by so much: it may be sent a little silence of ours. */
const DRIFT_MAX_MS = 250
const DRIFT_MAX_RATIO = 0.005

/** Two counts of the same audio: where they differ, one of them is wrong, and money is lost. */
export function warnOfDrift(
  log: Pick<Logger, 'warn'>,
  receipt: ProviderReceipt | undefined,
  usedMs: number,
): void {
  if (!receipt) return
  const driftMs = receipt.audioMs - usedMs
  if (Math.abs(driftMs) <= Math.max(DRIFT_MAX_MS, usedMs * DRIFT_MAX_RATIO)) return
  log.warn({ drift_ms: driftMs, used_ms: usedMs }, 'the provider counted other audio than we did')
}
