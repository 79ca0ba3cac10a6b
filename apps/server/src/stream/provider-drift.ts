import type { Logger } from 'pino'
import type { Upstream } from './upstream.ts'

/** The provider's count and ours may differ by so much: it may be sent a little silence of ours. */
const DRIFT_MAX_MS = 250
const DRIFT_MAX_RATIO = 0.005

/**
 * Two counts of the same audio: where they differ, one of them is wrong, and money is lost. What
 * was sent twice because a backend was lost is the host's cost, and no error.
 */
export function warnOfDrift(
  log: Pick<Logger, 'warn'>,
  { receipt, replayCostMs }: Pick<Upstream, 'receipt' | 'replayCostMs'>,
  usedMs: number,
): void {
  if (!receipt) return
  const driftMs = receipt.audioMs - replayCostMs - usedMs
  if (Math.abs(driftMs) <= Math.max(DRIFT_MAX_MS, usedMs * DRIFT_MAX_RATIO)) return
  const figures = { drift_ms: driftMs, used_ms: usedMs, replay_cost_ms: replayCostMs }
  log.warn(figures, 'the provider counted other audio than we did')
}
