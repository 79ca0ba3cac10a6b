import type { SpeechEngine, SpeechOptions, SpeechSession, WatchdogLimits } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { Metrics } from '../operations/metrics.ts'
import { createMetrics } from '../operations/metrics.ts'
import { RecoveringSession } from './recovering-session.ts'
import type { DialHealth } from './speech-health.ts'
import type { UpstreamPlace, UpstreamPool } from './upstream-pool.ts'

export interface RecoveryLimits {
  /** Audio that is kept for a replacement. */
  readonly replayMs: number
  /** From the loss of a backend until the session is given up. */
  readonly giveUpAfterMs: number
  /** A backend that takes longer to open is not there. */
  readonly openTimeoutMs: number
  readonly watchdog: WatchdogLimits
  /** How often the watchdog looks. */
  readonly tickMs: number
}

export interface RecoveryDeps {
  readonly engine: SpeechEngine
  readonly pool: Pick<UpstreamPool, 'enter' | 'holdBack'>
  /** Hears how each dial went. */
  readonly health?: DialHealth
  /** Default: nobody reads them. */
  readonly metrics?: Metrics
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly limits: RecoveryLimits
}

/** An opened backend, and the means to be rid of it. */
export interface OpenedBackend {
  readonly session: SpeechSession
  /** Drops it at once. */
  drop(): void
}

export type OpenBackend = (
  place: UpstreamPlace,
  options: SpeechOptions,
  signal: AbortSignal,
  timeoutMs: number,
) => Promise<OpenedBackend>

/**
 * An engine whose sessions outlive its backends: one that is lost, silent or stuck is replaced, and
 * hears again what has no final yet. A session fails only where that takes too long or cannot help.
 * `open` tries once: its caller is there to be told.
 */
export function withRecovery(deps: RecoveryDeps): SpeechEngine {
  const { engine, pool, limits, now } = deps
  const { metrics = createMetrics() } = deps

  function noteFailure(error: unknown): void {
    const isKnown = error instanceof SpeechError
    metrics.count('saywire_upstream_dials_total', { outcome: isKnown ? 'failed' : 'given_up' })
    if (!isKnown) return
    metrics.count('saywire_upstream_errors_total', { kind: error.code })
    deps.health?.failed(error)
    if (error.code === 'busy') pool.holdBack(error)
  }

  const openBackend: OpenBackend = async (place, options, signal, timeoutMs) => {
    const dialledAtMs = now()
    const dropped = new AbortController()
    const either = AbortSignal.any([signal, dropped.signal])
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(tooLate(timeoutMs))
        dropped.abort()
      }, timeoutMs)
    })
    try {
      const session = await Promise.race([engine.open(options, either), late])
      metrics.count('saywire_upstream_dials_total', { outcome: 'opened' })
      metrics.observe('saywire_upstream_dial_seconds', now() - dialledAtMs)
      deps.health?.opened()
      return { session, drop: () => dropped.abort() }
    } catch (error) {
      noteFailure(error)
      throw error
    } finally {
      clearTimeout(timer)
      place.dialled()
    }
  }

  return {
    ...engine,
    async open(options, signal) {
      const place = await pool.enter(signal)
      try {
        const first = await openBackend(place, options, signal, limits.openTimeoutMs)
        return new RecoveringSession(
          { ...deps, metrics, openBackend, place, options, signal },
          first,
        )
      } catch (error) {
        place.leave()
        throw error
      }
    },
  }
}

function tooLate(timeoutMs: number): SpeechError {
  const message = `The speech provider did not answer within ${timeoutMs / 1000} seconds.`
  return new SpeechError('unreachable', message, { retryable: true })
}
