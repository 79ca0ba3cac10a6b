import type { SpeechEngine } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { Logger } from 'pino'
import type { Env } from '../env.ts'
import { createWhisperBackend } from './whisper-backend.ts'

/** What transcribes on this server. */
export interface SpeechBackend {
  /** Short name, for the rows of sessions. */
  readonly name: 'deepgram' | 'whisper'
  readonly engine: SpeechEngine
  /** Sessions at once; beyond it clients are told `busy`. */
  readonly sessionsMax: number
  /**
   * Fetches what the engine needs, ahead of the first session, which is `busy` until then.
   * @throws SpeechError
   */
  prepare?(): Promise<void>
}

/** Deepgram where a key is configured, otherwise Whisper on this machine. */
export function createSpeechBackend(
  env: Pick<Env, 'deepgram' | 'whisper' | 'modelsDir' | 'dataDir'>,
  log: Pick<Logger, 'info' | 'warn'>,
): SpeechBackend {
  const { deepgram, whisper, modelsDir, dataDir } = env
  if (!deepgram) {
    const backend = createWhisperBackend({ ...whisper, modelsDir, dataDir, log })
    return { name: 'whisper', sessionsMax: whisper.sessionsMax, ...backend }
  }
  const { apiKey, url, model, sessionsMax } = deepgram
  const engine = createDeepgramEngine({ apiKey, ...(url ? { url } : {}) })
  return { name: 'deepgram', sessionsMax, engine: withDefaultModel(engine, model) }
}

function withDefaultModel(engine: SpeechEngine, model: string): SpeechEngine {
  return {
    ...engine,
    open: async (options, signal) =>
      engine.open({ ...options, config: { model, ...options.config } }, signal),
  }
}
