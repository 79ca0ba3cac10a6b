import { SpeechError } from '../speech-error.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'
import type { SessionRequest, WhisperReply } from './whisper-messages.ts'
import type { WhisperProcess } from './whisper-process.ts'

export type SessionReply = Exclude<WhisperReply, { type: 'loaded' | 'measured' | 'failed' }>

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
  /** Ends the process; attached sessions are told. */
  kill(): void
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
}

export interface StartHostOptions {
  readonly spawn: () => WhisperProcess
  readonly library: WhisperLibrary
  readonly modelPath: string
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
  const ended = new Promise<void>((resolve) => {
    process.onExit((reason) => {
      alive = false
      const error = lost(failure ?? reason)
      for (const listener of listeners.values()) listener.onLost(error)
      listeners.clear()
      resolve()
    })
  })
  const loaded = new Promise<void>((resolve) => {
    process.onReply((reply) => {
      if (reply.type === 'loaded') {
        if (reply.slowBecause !== undefined) options.onNotice?.(slow(reply.slowBecause))
        resolve()
      } else if (reply.type === 'failed') failure = reply.reason
      else if (reply.type !== 'measured') listeners.get(reply.session)?.onReply(reply)
    })
  })
  const { library, modelPath, threads } = options
  process.send({ type: 'load', library, modelPath, threads })
  await Promise.race([loaded, ended])
  if (!alive) throw lost(failure ?? 'it ended while loading the model')
  return {
    get alive() {
      return alive
    },
    attach(session, listener) {
      if (alive) listeners.set(session, listener)
      else queueMicrotask(() => listener.onLost(lost(failure ?? 'it had ended')))
    },
    detach: (session) => void listeners.delete(session),
    send: (request) => process.send(request),
    kill: () => process.kill(),
    ended,
  }
}

function slow(reason: string): string {
  return `The speech library of this app does not load here (${reason}): a slower one is used.`
}

function lost(reason: string): SpeechError {
  return new SpeechError(
    'engine_failed',
    'The speech process on this computer ended unexpectedly; opening it again starts a new one.',
    { retryable: true, cause: reason },
  )
}
