import type { SpeechEngine } from '@saywire/speech'
import { defaultWatchdogLimits } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { Logger } from 'pino'
import type { Env } from '../env.ts'
import type { StreamLimits } from '../stream/stream-limits.ts'
import type { RecoveryLimits } from './recovering-engine.ts'
import { withRecovery } from './recovering-engine.ts'
import type { SpeechHealth } from './speech-health.ts'
import { createDialHealth } from './speech-health.ts'
import { createUpstreamPool } from './upstream-pool.ts'
import { createWhisperBackend } from './whisper-backend.ts'

/** What transcribes on this server. */
export interface SpeechBackend {
  /** Short name, for the rows of sessions. */
  readonly name: 'deepgram' | 'whisper'
  readonly engine: SpeechEngine
  /** Sessions at once; beyond it clients are told `busy`. */
  readonly sessionsMax: number
  /** Where this backend needs other bounds than the usual ones. */
  readonly streamLimits?: Partial<StreamLimits>
  /**
   * Fetches what the engine needs, ahead of the first session, which is `busy` until then.
   * @throws SpeechError
   */
  prepare?(): Promise<void>
  /** Whether new sessions find a backend; asks nobody. Default: they do. */
  health?(): SpeechHealth
}

/** Of new streams, how many are opened at once; as many more may wait for their place. */
const DIALS_MAX = 20
const PLACE_WAIT_MS = 2000

export const defaultRecoveryLimits: RecoveryLimits = {
  replayMs: 60_000,
  giveUpAfterMs: 15_000,
  openTimeoutMs: 5000,
  watchdog: defaultWatchdogLimits,
  tickMs: 1000,
}

/**
 * Whisper decodes on the processor that everything else here uses: late words, and audio that waits
 * for them, are load and no fault. It answers for all audio that it has taken, words or not; only a
 * process that takes nothing for a minute hangs. Starting one means to load its model.
 */
const whisperRecoveryLimits: RecoveryLimits = {
  ...defaultRecoveryLimits,
  giveUpAfterMs: 60_000,
  openTimeoutMs: 60_000,
  watchdog: { silentAfterMs: Infinity, stuckAfterMs: 60_000 },
}

/** Deepgram where a key is configured, otherwise Whisper on this machine. */
export function createSpeechBackend(
  env: Pick<Env, 'deepgram' | 'whisper' | 'modelsDir' | 'dataDir'>,
  log: Pick<Logger, 'info' | 'warn'>,
): SpeechBackend {
  const { deepgram, whisper, modelsDir, dataDir } = env
  if (!deepgram) {
    const backend = createWhisperBackend({ ...whisper, modelsDir, dataDir, log })
    const recovering = recover(backend.engine, whisper.sessionsMax, whisperRecoveryLimits)
    return {
      name: 'whisper',
      sessionsMax: whisper.sessionsMax,
      streamLimits: { upstreamStallMs: whisperRecoveryLimits.watchdog.stuckAfterMs },
      ...backend,
      engine: recovering.engine,
      health() {
        const preparation = backend.preparation()
        return preparation === 'ok' ? recovering.health() : preparation
      },
    }
  }
  const { apiKey, url, model, sessionsMax } = deepgram
  const engine = createDeepgramEngine({ apiKey, ...(url ? { url } : {}) })
  return {
    name: 'deepgram',
    sessionsMax: sessionsMax + DIALS_MAX,
    ...recover(withDefaultModel(engine, model), sessionsMax, defaultRecoveryLimits),
  }
}

function recover(
  engine: SpeechEngine,
  max: number,
  limits: RecoveryLimits,
): { readonly engine: SpeechEngine; health(): SpeechHealth } {
  const now = (): number => performance.now()
  const pool = createUpstreamPool({ max, dialsMax: DIALS_MAX, waitMs: PLACE_WAIT_MS, now })
  const health = createDialHealth(now)
  return {
    engine: withRecovery({ engine, pool, health, now, random: Math.random, limits }),
    health() {
      if (health.state !== 'ok') return health.state
      if (pool.isHeldBack) return 'held_back'
      return pool.isFull ? 'full' : 'ok'
    },
  }
}

function withDefaultModel(engine: SpeechEngine, model: string): SpeechEngine {
  return {
    ...engine,
    open: async (options, signal) =>
      engine.open({ ...options, config: { model, ...options.config } }, signal),
  }
}
