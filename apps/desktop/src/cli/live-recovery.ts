import { join } from 'node:path'
import type { SpeechEngine } from '@saywire/speech'
import { DEFAULT_MODEL, isModelPresent, modelCatalogue } from '@saywire/speech/whisper'
import type { RunningSession, SessionDeps } from '../core/session-runner.ts'
import type { EngineKind } from '../engines.ts'
import type { DesktopEnv } from '../env.ts'
import { createReplayFile } from '../files/replay-file.ts'
import { createLocalEngine } from '../host/caption-engine.ts'
import { createIncidentLog } from '../host/incident-log.ts'
import { UsageError } from './exit-codes.ts'

/** How often an engine is tried that only the user can mend: by paying, or by logging in elsewhere. */
const RETRY_CHOSEN_MS = 60_000

const NO_FALLBACK = 'off'

export interface LiveRecoveryOptions {
  readonly kind: EngineKind
  /** A model of the local engine, or `off`. Default: the default model, where it is on this machine. */
  readonly fallback?: string | undefined
  readonly language?: string | undefined
  readonly env: DesktopEnv
  readonly onNotice: (sentence: string) => void
}

/** What lets a session go on when its engine fails, as in the app. */
export interface LiveRecovery {
  readonly deps: Pick<SessionDeps, 'recovers' | 'replayStore' | 'fallback' | 'onStatus'>
  /** Tries what the user may have mended, until the session is over. */
  follow(session: RunningSession): void
  /** After the session. */
  dispose(): Promise<void>
}

/**
 * For what cannot be said twice: a microphone, or a pipe. Its captions survive what a recording's
 * need not.
 * @throws UsageError where the named fall-back cannot be had
 */
export async function createLiveRecovery(options: LiveRecoveryOptions): Promise<LiveRecovery> {
  const { env, onNotice } = options
  const model = await fallbackModel(options)
  const incidents = createIncidentLog({
    log: (_level, sentence) => onNotice(sentence),
    now: Date.now,
  })
  let engine: SpeechEngine | undefined
  return {
    deps: {
      recovers: true,
      replayStore: createReplayFile({ folder: join(env.dataDir, 'waiting'), onNotice }),
      onStatus: (status) => void incidents.follow(status),
      ...(model !== undefined && {
        fallback: async () => (engine ??= createLocalEngine(model, { env, onNotice })),
      }),
    },
    follow(session) {
      const timer = setInterval(() => {
        if (session.status.trouble) session.retryChosen()
      }, RETRY_CHOSEN_MS)
      void session.finished.then(() => clearInterval(timer))
    },
    dispose: async () => engine?.dispose?.(),
  }
}

async function fallbackModel(options: LiveRecoveryOptions): Promise<string | undefined> {
  const { kind, fallback, language = 'en', env } = options
  if (kind === 'local' || fallback === NO_FALLBACK) return undefined
  const name = fallback ?? DEFAULT_MODEL
  const model = modelCatalogue.find((one) => one.name === name)
  if (!model) {
    const names = modelCatalogue.map((one) => one.name).join(', ')
    throw new UsageError(`--fallback takes ${NO_FALLBACK} or one of ${names}, not "${name}".`)
  }
  const isFit = model.languages !== 'english' || /^en\b/i.test(language)
  const isPresent = await isModelPresent({ name, modelsDir: env.modelsDir })
  if (isFit && isPresent) return name
  if (fallback === undefined) return undefined
  if (!isFit) throw new UsageError(`--fallback ${name} knows only English, not "${language}".`)
  throw new UsageError(`--fallback ${name} is not on this machine: saywire models fetch ${name}.`)
}
