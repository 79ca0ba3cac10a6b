import { CaptureError } from '../core/ports.ts'
import type { CaptureChild } from './capture-child.ts'
import type { CaptureMessage } from './capture-messages.ts'

/** Why a capture process is no longer of use. */
export interface CaptureFailure {
  readonly error: CaptureError
  /** The process said so itself, rather than crash or fall silent. */
  readonly reported: boolean
}

export interface WatchdogDeps {
  readonly child: CaptureChild
  /** Longest wait for the first audio. */
  readonly startTimeoutMs: number
  /** Longest wait for the next audio after that. */
  readonly stallTimeoutMs: number
  /** Called when no audio came for `quietMs`: the first sign of a microphone that is gone. */
  readonly onQuiet?: () => void
  readonly onMessage: (message: CaptureMessage) => void
}

const QUIET_MS = 400
/** Audio, or what is said in its place. */
const SIGNS_OF_LIFE = new Set(['audio', 'muted', 'level'])

/** Passes on what a capture process says, until it fails; undefined when the signal comes first. */
export async function watchCapture(
  deps: WatchdogDeps,
  signal: AbortSignal,
): Promise<CaptureFailure | undefined> {
  const { child } = deps
  let stall: NodeJS.Timeout | undefined
  let quiet: NodeJS.Timeout | undefined
  let over = false
  const stopListening = new AbortController()
  const outcome = await new Promise<CaptureFailure | undefined>((resolve) => {
    const expectAudio = (withinMs: number) => {
      clearTimeout(stall)
      stall = setTimeout(() => resolve({ error: gone('no audio'), reported: false }), withinMs)
    }
    const heard = () => {
      expectAudio(deps.stallTimeoutMs)
      if (!deps.onQuiet) return
      if (quiet) quiet.refresh()
      else quiet = setTimeout(deps.onQuiet, QUIET_MS)
    }
    expectAudio(deps.startTimeoutMs)
    child.onExit((lastWords) => resolve({ error: gone(lastWords), reported: false }))
    child.onMessage((message) => {
      // A process that was given up may wake again: another one records now.
      if (over || signal.aborted) return
      if (SIGNS_OF_LIFE.has(message.type)) heard()
      if (message.type === 'failed') {
        const error = new CaptureError(message.code, message.sentence, message.cause)
        resolve({ error, reported: true })
      }
      deps.onMessage(message)
    })
    const aborted = () => resolve(undefined)
    signal.addEventListener('abort', aborted, { signal: stopListening.signal })
    if (signal.aborted) aborted()
  })
  over = true
  clearTimeout(stall)
  clearTimeout(quiet)
  stopListening.abort()
  return outcome
}

function gone(cause: string): CaptureError {
  return new CaptureError(
    'no_microphone',
    'The microphone gives no sound: check that it is plugged in, then start again.',
    cause,
  )
}
