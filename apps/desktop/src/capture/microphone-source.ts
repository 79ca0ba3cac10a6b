import { setTimeout as sleep } from 'node:timers/promises'
import { bytesToMs } from '@saywire/speech'
import type { AudioListener, AudioSource } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { CaptureMessage } from './capture-messages.ts'

export interface MicrophoneDeps {
  /** Index, name or part of a name. Default: the system's default microphone. */
  readonly device?: string | number
  /** How the capture process is started. Default: a child of this process. */
  readonly start?: StartCaptureChild
  /** Monotonic clock, ms. */
  readonly now?: () => number
  /** Longest wait for the first audio of a capture process. Default 10,000 ms. */
  readonly startTimeoutMs?: number
  /** Longest wait for the next audio after that. Default 3,000 ms. */
  readonly stallTimeoutMs?: number
  /** Wait before the first restart; doubled for each further one of the last minute. Default 250 ms. */
  readonly restartDelayMs?: number
}

/** Restarts within `RESTART_WINDOW_MS`, or without a sound, after which the microphone counts as gone. */
const MAX_RESTARTS = 5
const RESTART_WINDOW_MS = 60_000

/** Why a capture process is no longer of use. */
interface Failure {
  readonly error: CaptureError
  /** The process said so itself, rather than crash or fall silent. */
  readonly reported: boolean
}

/**
 * A microphone, recorded in a process of its own. When that process crashes, hangs or loses its
 * device, another one takes over, and the time that went by is reported as a gap.
 */
export function createMicrophoneSource(deps: MicrophoneDeps): AudioSource {
  const { start = forkCaptureChild, now = () => performance.now(), restartDelayMs = 250 } = deps
  const timeouts = { startMs: deps.startTimeoutMs ?? 10_000, stallMs: deps.stallTimeoutMs ?? 3000 }

  return {
    name: deps.device === undefined ? 'the microphone' : `the microphone ${deps.device}`,
    async run(listener, signal) {
      const timeline = createTimeline(listener, now)
      /** Once it is known, the device's name: indices change when devices come and go. */
      let device = deps.device
      let restartsMs: number[] = []
      let heard = false
      const onMessage = (message: CaptureMessage) => {
        if (message.type === 'opened') device = message.deviceName
        if (message.type === 'audio') {
          heard = true
          timeline.add(message.pcm)
        }
        if (message.type === 'gap') listener.onGap(message.durationMs, 'lost')
      }
      while (!signal.aborted) {
        heard = false
        const child = start({ do: 'capture', device })
        const failure = await watch(child, timeouts, onMessage, signal)
        child.stop()
        if (!failure) return
        const { error, reported } = failure
        // What it never could do it will not do later; what it did it may do again, once the
        // device is plugged in.
        if (reported && (!timeline.begun || error.code === 'capture_unavailable')) throw error
        // Only sound redeems: tries that each take long must not outlast the window.
        if (heard) restartsMs = restartsMs.filter((atMs) => atMs > now() - RESTART_WINDOW_MS)
        if (restartsMs.length >= MAX_RESTARTS) throw error
        listener.onNotice('The microphone stopped; starting it again.')
        const waitMs = restartDelayMs * 2 ** restartsMs.length
        restartsMs.push(now())
        timeline.interrupt()
        await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

/** Passes on what a capture process says, until it fails; undefined when the signal comes first. */
async function watch(
  child: ReturnType<StartCaptureChild>,
  timeouts: { readonly startMs: number; readonly stallMs: number },
  onMessage: (message: CaptureMessage) => void,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const stopListening = new AbortController()
  const outcome = await new Promise<Failure | undefined>((resolve) => {
    const expectAudio = (withinMs: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => resolve({ error: gone('no audio'), reported: false }), withinMs)
    }
    expectAudio(timeouts.startMs)
    child.onExit((lastWords) => resolve({ error: gone(lastWords), reported: false }))
    child.onMessage((message) => {
      // A process that was given up may wake again: another one records now.
      if (over || signal.aborted) return
      if (message.type === 'audio') expectAudio(timeouts.stallMs)
      if (message.type === 'failed') {
        const error = new CaptureError(message.code, message.sentence, message.cause)
        resolve({ error, reported: true })
      }
      onMessage(message)
    })
    signal.addEventListener('abort', () => resolve(undefined), { signal: stopListening.signal })
  })
  over = true
  clearTimeout(timer)
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

/** Where the audio stands in time: reports what an interruption cost before it goes on. */
function createTimeline(listener: AudioListener, now: () => number) {
  let lastAudioMs: number | undefined
  let interrupted = false
  return {
    get begun() {
      return lastAudioMs !== undefined
    },
    interrupt() {
      interrupted = true
    },
    add(pcm: Uint8Array) {
      const nowMs = now()
      if (interrupted && lastAudioMs !== undefined) {
        const lostMs = Math.round(nowMs - lastAudioMs - bytesToMs(pcm.byteLength))
        if (lostMs > 0) listener.onGap(lostMs, 'lost')
      }
      interrupted = false
      lastAudioMs = nowMs
      listener.onAudio(pcm)
    },
  }
}
