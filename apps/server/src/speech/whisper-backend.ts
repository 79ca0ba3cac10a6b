import { join } from 'node:path'
import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import {
  createWhisperEngine,
  defaultModelSources,
  ensureLibraryFor,
  ensureModel,
} from '@saywire/speech/whisper'
import type { Logger } from 'pino'

export interface WhisperBackendDeps {
  readonly model: string
  /** A copy on this machine, where it cannot be downloaded. */
  readonly modelFile: string | undefined
  readonly sessionsMax: number
  readonly modelsDir: string
  readonly dataDir: string
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** Whisper on this machine, which fetches its model and builds its library when first needed. */
export function createWhisperBackend(deps: WhisperBackendDeps): {
  readonly engine: SpeechEngine
  prepare(): Promise<void>
  preparation(): Preparation
} {
  const { model, modelsDir, log } = deps
  const nativeDir = join(deps.dataDir, 'native')
  const onNotice = (sentence: string): void => log.warn(sentence)
  const whisper = createWhisperEngine({
    model,
    modelsDir,
    nativeDir,
    maxSessions: deps.sessionsMax,
    onNotice,
  })
  return withPreparation(whisper, async (say) => {
    const steps = createProgressLog(log, say)
    await ensureModel({
      name: model,
      modelsDir,
      sources: defaultModelSources({ ...deps, name: model }),
      onNotice,
      onProgress: ({ receivedBytes, totalBytes }) => {
        if (totalBytes) steps(`fetching the speech model`, (100 * receivedBytes) / totalBytes)
      },
    })
    await ensureLibraryFor(model, {
      nativeDir,
      onNotice,
      onPercent: (percent) => steps('building the speech library', percent),
    })
    log.info('speech to text is ready')
  })
}

/** How far an engine is that has to be prepared. */
export type Preparation = 'preparing' | 'failing' | 'ok'

/** Who only looks begins failed work anew, but not more often than this. */
const RETRY_AFTER_MS = 30_000

/**
 * An engine that turns sessions away, politely, until `work` is done. After a failure each attempt
 * to open tells why, and begins the work anew; so does `preparation`, from time to time: nobody is
 * sent to a server that is not ready.
 * @param work calls `say` with what it is doing, for people
 * @param now monotonic clock, ms
 */
export function withPreparation(
  engine: SpeechEngine,
  work: (say: (doing: string) => void) => Promise<void>,
  now: () => number = () => performance.now(),
): {
  readonly engine: SpeechEngine
  prepare(): Promise<void>
  preparation(): Preparation
} {
  let state: 'not_begun' | 'running' | 'done' | SpeechError = 'not_begun'
  let doing = 'getting ready'
  let failedAtMs = 0

  async function prepare(): Promise<void> {
    if (state === 'running' || state === 'done') return
    state = 'running'
    try {
      await work((what) => {
        doing = what
      })
      state = 'done'
    } catch (cause) {
      const unknown = new SpeechError('engine_failed', 'Speech to text does not start.', { cause })
      state = cause instanceof SpeechError ? cause : unknown
      failedAtMs = now()
      throw state
    }
  }

  return {
    prepare,
    preparation() {
      if (state === 'done') return 'ok'
      if (!(state instanceof SpeechError)) return 'preparing'
      if (now() - failedAtMs > RETRY_AFTER_MS) prepare().catch(() => undefined)
      return 'failing'
    },
    engine: {
      ...engine,
      async open(options, signal) {
        const before = state
        // A failure is reported by the one after it, or by the next open().
        if (state !== 'done') prepare().catch(() => undefined)
        if (before instanceof SpeechError) throw before
        if (before !== 'done') {
          throw new SpeechError('busy', `The server is ${doing}. Try again shortly.`, {
            retryable: true,
            retryAfterMs: 5000,
          })
        }
        return engine.open(options, signal)
      },
    },
  }
}

/** Says each tenth once. */
function createProgressLog(log: Pick<Logger, 'info'>, say: (doing: string) => void) {
  let last = ''
  return (doing: string, percent: number): void => {
    const tenth = Math.floor(percent / 10) * 10
    const line = `${doing} (${tenth} %)`
    say(line)
    if (line !== last) log.info(line)
    last = line
  }
}
