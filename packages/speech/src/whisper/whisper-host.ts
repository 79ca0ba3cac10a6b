import { SpeechError } from '../speech-error.ts'
import { isGpuToBlame } from './gpu-blame.ts'
import type { GpuUse } from './gpu-fallback.ts'
import { QUICKER } from './library/ensure-library.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'
import type { SessionRequest, WhisperEvent, WhisperReply } from './whisper-messages.ts'
import type { WhisperProcess } from './whisper-process.ts'

export type SessionReply = Exclude<
  WhisperReply,
  { type: 'loading' | 'loaded' | 'measured' | 'failed' }
>

export interface SessionListener {
  onReply(reply: SessionReply): void
  /** The process is gone: nothing more will come. */
  onLost(error: SpeechError): void
}

/** A whisper process with its model loaded. */
export interface WhisperHost {
  /** False once the process has ended. */
  readonly alive: boolean
  attach(session: number, listener: SessionListener): void
  detach(session: number): void
  send(request: SessionRequest): void
  /** Name of the GPU that it uses; undefined on the processor alone. */
  readonly gpu: string | undefined
  /** Ends the process; attached sessions are told. `hangs`: it no longer answers. */
  kill(because?: 'hangs'): void
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
}

export interface StartHostOptions extends GpuUse {
  readonly spawn: () => WhisperProcess
  readonly library: WhisperLibrary
  readonly modelPath: string
  readonly voiceModelPath: string | undefined
  readonly threads: number
  /** One sentence for the user. */
  readonly onNotice?: ((sentence: string) => void) | undefined
}

/**
 * Starts a process and loads the model into it.
 * @throws SpeechError `engine_failed` where it ends before the model is loaded
 */
export async function startWhisperHost(options: StartHostOptions): Promise<WhisperHost> {
  const process = options.spawn()
  const listeners = new Map<number, SessionListener>()
  let alive = true
  let failure: string | undefined
  let endedBy = ''
  let gpu: string | undefined
  /** Until the process tells which GPU it uses, asking for it may be what it dies of. */
  let isGpuSuspect = options.gpu
  let isLoaded = false
  let stopped = false
  let hung = false
  let hadAudio = false
  let decoded = false
  const ended = new Promise<void>((resolve) => {
    process.onExit((reason) => {
      alive = false
      endedBy = reason
      const end = { gpu, stopped, hung, hadAudio, decoded, failure, reason }
      if (isLoaded && isGpuToBlame(end))
        options.onGpuFailure(failure ?? (hung ? 'it hung' : reason))
      const error = lost(failure ?? reason)
      for (const listener of listeners.values()) listener.onLost(error)
      listeners.clear()
      resolve()
    })
  })
  const loaded = new Promise<void>((resolve) => {
    process.onReply((reply) => {
      if (reply.type === 'loading') {
        gpu = reply.gpu
        isGpuSuspect = gpu !== undefined
      } else if (reply.type === 'loaded') {
        if (reply.slowBecause !== undefined) options.onNotice?.(slow(reply.slowBecause))
        if (reply.energyBecause !== undefined) options.onNotice?.(byEnergy(reply.energyBecause))
        gpu = reply.gpu
        isLoaded = true
        resolve()
      } else if (reply.type === 'failed') failure = reply.reason
      else if (reply.type !== 'measured') {
        decoded ||= reply.type === 'event' && hasWords(reply.event)
        listeners.get(reply.session)?.onReply(reply)
      }
    })
  })
  const { library, modelPath, voiceModelPath, threads } = options
  process.send({ type: 'load', library, modelPath, voiceModelPath, threads, gpu: options.gpu })
  await Promise.race([loaded, ended])
  if (!alive && isGpuSuspect) options.onGpuSuspect()
  if (!alive) throw lost(failure ?? `${endedBy}, while it loaded the model`)
  return {
    get alive() {
      return alive
    },
    get gpu() {
      return gpu
    },
    attach(session, listener) {
      if (alive) listeners.set(session, listener)
      else queueMicrotask(() => listener.onLost(lost(failure ?? 'it had ended')))
    },
    detach: (session) => void listeners.delete(session),
    send(request) {
      hadAudio ||= request.type === 'audio'
      process.send(request)
    },
    kill(because) {
      if (because === 'hangs') hung = true
      else stopped = true
      process.kill()
    },
    ended,
  }
}

function hasWords(event: WhisperEvent): boolean {
  return event.type === 'interim' || event.type === 'final'
}

function slow(reason: string): string {
  return `The speech library of this app does not load here (${reason}): a slower one is used. ${QUICKER}`
}

function byEnergy(reason: string): string {
  return `Voices are told from other sounds by their loudness alone (${reason}): music and keys may be taken for speech.`
}

function lost(reason: string): SpeechError {
  return new SpeechError(
    'engine_failed',
    'The speech process on this computer ended unexpectedly; opening it again starts a new one.',
    { retryable: true, cause: reason },
  )
}
