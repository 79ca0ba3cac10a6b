import { availableParallelism } from 'node:os'
import type { SpeechEngine, SpeechOptions } from '../speech-engine.ts'
import { SpeechError } from '../speech-error.ts'
import type { Guard } from './decoding/guards.ts'
import { vocabularyPrompt } from './decoding/vocabulary-prompt.ts'
import { createGpuFallback } from './gpu-fallback.ts'
import { whisperLanguage, whisperTranslates } from './languages.ts'
import { ensureLibraryFor } from './library/ensure-library-for.ts'
import { forgetLoadable } from './library/loadable.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'
import { backendName, DEFAULT_MODEL, modelNamed } from './model/model-catalogue.ts'
import type { WhisperModelInfo } from './model/model-catalogue.ts'
import { isModelPresent, modelPath } from './model/verified-model.ts'
import { findVoiceModel } from './model/voice-model.ts'
import { vocabularyOf } from './vocabulary.ts'
import type { WhisperHost } from './whisper-host.ts'
import { startWhisperHost } from './whisper-host.ts'
import type { WhisperSessionConfig } from './whisper-messages.ts'
import type { WhisperProcess } from './whisper-process.ts'
import { forkWhisperProcess } from './whisper-process.ts'
import { createWhisperSession } from './whisper-session.ts'

const DEFAULT_ENDPOINT_MS = 500
const BUSY_RETRY_MS = 5000

export interface WhisperEngineDeps {
  /** Name in `modelCatalogue`. Default: `DEFAULT_MODEL`. */
  readonly model?: string
  /** Where `ensureModel()` put the model. */
  readonly modelsDir: string
  /** Where the built speech library is kept. */
  readonly nativeDir: string
  /** Used for Whisper's models instead of one that is built; an app that cannot build brings its own. */
  readonly library?: WhisperLibrary
  /** Use a GPU where the library is built for it; it is given up where it fails. Default true. */
  readonly gpu?: boolean
  /** Threads that decode, with a model of Whisper's. Default: half of the machine's, but two to four where it has them. */
  readonly threads?: number
  /** Sessions at a time; beyond them `open` rejects with `busy`. Default 4. */
  readonly maxSessions?: number
  /**
   * The process and its model go after so long without a session, unless they are kept by warm().
   * Default 300,000 ms.
   */
  readonly idleMs?: number
  /** Progress, 0–100, where the first `open` has to build the speech library. */
  readonly onBuildPercent?: (percent: number) => void
  /** One sentence for the user. */
  readonly onNotice?: (sentence: string) => void
  /** A process that answers nothing for so long while audio waits hangs. Default 30,000 ms. */
  readonly takingSilenceMs?: number
  /** Guards against invented words that are left out, to measure what each is worth. Default: none. */
  readonly disabledGuards?: readonly Guard[]
  /** How the whisper process is started. Default: a child of this process. */
  readonly spawn?: () => WhisperProcess
}

/**
 * Speech-to-text on this machine: whisper.cpp, or Moonshine where that model is chosen, in a process
 * of its own, shared by all sessions of the engine and started by the first. `open` also rejects with `model_unavailable` (fetch it with
 * `ensureModel()`), `bad_config`, `busy` and `engine_failed`.
 */
export function createWhisperEngine(deps: WhisperEngineDeps): SpeechEngine {
  const model = modelNamed(deps.model ?? DEFAULT_MODEL)
  const maxSessions = deps.maxSessions ?? 4
  const { onNotice } = deps
  const gpu = createGpuFallback({
    nativeDir: deps.nativeDir,
    wanted: deps.gpu ?? true,
    onNotice,
    now: () => Date.now(),
  })
  let host: Promise<WhisperHost> | undefined
  let stopping = new AbortController()
  let sessions = 0
  /** The call of warm() that holds. */
  let keptWarm: symbol | undefined
  let nextId = 1
  /** So many terms were told to be left out: said once, not with each session. */
  let toldLeftOut = 0
  let idleTimer: NodeJS.Timeout | undefined

  async function start(): Promise<WhisperHost> {
    const library = await ensureLibraryFor(model.name, {
      nativeDir: deps.nativeDir,
      signal: stopping.signal,
      ...(deps.library && { brought: deps.library }),
      ...(deps.onBuildPercent && { onPercent: deps.onBuildPercent }),
      ...(onNotice && { onNotice }),
    })
    const voiceModelPath = await findVoiceModel(deps.modelsDir)
    try {
      return await gpu.start(library, async (use) =>
        startWhisperHost({
          ...use,
          spawn: deps.spawn ?? forkWhisperProcess,
          library,
          modelPath: modelPath(deps.modelsDir, model),
          voiceModelPath,
          threads: deps.threads ?? defaultThreads(availableParallelism()),
          onNotice,
        }),
      )
    } catch (error) {
      if (library.kind === 'native') await forgetLoadable(library.path)
      throw error
    }
  }

  /** The one that runs or is starting; else a new one. */
  function runningHost(): Promise<WhisperHost> {
    if (host) return host
    const starting = start()
    host = starting
    const forget = () => {
      if (host === starting) host = undefined
    }
    starting.then((started) => started.ended).then(forget, forget)
    return starting
  }

  async function stop(): Promise<void> {
    clearTimeout(idleTimer)
    keptWarm = undefined
    // Nobody waits for a library that is still being built.
    stopping.abort(new SpeechError('engine_failed', 'The local speech engine was stopped.'))
    stopping = new AbortController()
    const stopped = host
    host = undefined
    const running = await stopped?.catch(() => undefined)
    running?.kill()
    await running?.ended
  }

  function release(): void {
    sessions--
    unloadLater()
  }

  function unloadLater(): void {
    clearTimeout(idleTimer)
    if (sessions > 0 || keptWarm) return
    idleTimer = setTimeout(() => void stop(), deps.idleMs ?? 300_000)
    idleTimer.unref()
  }

  function tellLeftOut({ vocabulary, language }: WhisperSessionConfig): void {
    const { leftOut } = vocabularyPrompt(vocabulary, language)
    if (leftOut.length === toldLeftOut) return
    toldLeftOut = leftOut.length
    if (leftOut.length > 0) onNotice?.(tooManyTerms(leftOut))
  }

  async function requireModel(): Promise<void> {
    const { modelsDir } = deps
    if (await isModelPresent({ name: model.name, modelsDir })) return
    throw modelMissing(model.name, modelsDir)
  }

  return {
    async open(options, signal) {
      signal.throwIfAborted()
      const config = sessionConfig(options, model, deps.disabledGuards ?? [])
      if (sessions >= maxSessions) throw busy(maxSessions)
      sessions++
      clearTimeout(idleTimer)
      try {
        await requireModel()
        const running = await abortable(runningHost(), signal)
        tellLeftOut(config)
        const backend = `${backendName(model)}${running.gpu === undefined ? '' : ' (GPU)'}`
        const id = nextId++
        const { takingSilenceMs } = deps
        return createWhisperSession({
          id,
          host: running,
          backend,
          config,
          signal,
          onNotice,
          takingSilenceMs,
          onEnd: release,
        })
      } catch (error) {
        release()
        throw error
      }
    },
    async warm() {
      const mine = Symbol('warm')
      keptWarm = mine
      clearTimeout(idleTimer)
      try {
        await requireModel()
        await runningHost()
      } catch (error) {
        // Disposed of and warmed anew meanwhile: then that call holds.
        if (keptWarm === mine) keptWarm = undefined
        unloadLater()
        throw error
      }
    },
    cool() {
      if (!keptWarm) return
      keptWarm = undefined
      if (sessions === 0) void stop()
    },
    dispose: stop,
  }
}

/** Half of the machine for the game and the stream; but one thread alone cannot keep up. */
export function defaultThreads(cores: number): number {
  return Math.min(cores, 4, Math.max(2, Math.floor(cores / 2)))
}

function sessionConfig(
  { config, startMs = 0 }: SpeechOptions,
  model: WhisperModelInfo,
  disabledGuards: readonly Guard[],
): WhisperSessionConfig {
  const { endpointing = DEFAULT_ENDPOINT_MS } = config
  return {
    startMs,
    language: whisperLanguage(config.language, model),
    interims: config.interim_results !== false,
    endpointMs: endpointing === false ? undefined : endpointing,
    utteranceEndMs: config.utterance_end_ms,
    translate: whisperTranslates(config.translate, config.language, model),
    // Moonshine takes no prompt: nothing would come of it but a notice of what does not fit.
    vocabulary: model.family === 'whisper' ? vocabularyOf(config) : [],
    disabledGuards,
  }
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    const result = await Promise.race([work, aborted])
    signal.throwIfAborted()
    return result
  } finally {
    if (abort) signal.removeEventListener('abort', abort)
  }
}

function tooManyTerms(leftOut: readonly string[]): string {
  const [first = ''] = leftOut
  return `Whisper takes no more names and terms than fit into a short paragraph: ${leftOut.length} are left out, from "${first}" on. Put the most important first.`
}

function busy(maxSessions: number): SpeechError {
  return new SpeechError(
    'busy',
    `The local speech engine transcribes ${maxSessions} sessions already: end one, or try again.`,
    { retryable: true, retryAfterMs: BUSY_RETRY_MS },
  )
}

function modelMissing(name: string, modelsDir: string): SpeechError {
  return new SpeechError(
    'model_unavailable',
    `The speech model ${name} is not in ${modelsDir}, or is damaged: fetch it first.`,
  )
}
