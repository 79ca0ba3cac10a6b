import { BYTES_PER_MS } from '@saywire/protocol'
import { EventQueue } from '../event-queue.ts'
import { PcmFramer } from '../pcm.ts'
import { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent } from '../speech-event.ts'
import type { Pace } from './decoding/catch-up.ts'
import type { SessionReply, WhisperHost } from './whisper-host.ts'
import type { WhisperSessionConfig } from './whisper-messages.ts'

/** Audio in one message to the process: 40 ms. It all waits for its last sample. */
const MESSAGE_BYTES = 40 * BYTES_PER_MS
/**
 * Audio that the process has not taken: what a caller replays at once, and then some. 19 MB. What it
 * has taken and not decoded it bounds itself.
 */
const UNTAKEN_MAX_MS = 10 * 60_000
/**
 * A process that takes audio answers each message; one that decodes with the prebuilt library only
 * after the decode, which a busy machine can make ten times as long. Beyond this it hangs.
 */
const TAKING_SILENCE_MS = 30_000
/**
 * Longest silence of the process while a session closes. One decode takes a second or two, on a
 * machine that is busy with other things ten times that.
 */
const CLOSE_SILENCE_MS = 60_000

export interface WhisperSessionOptions {
  readonly id: number
  readonly host: WhisperHost
  readonly backend: string
  readonly config: WhisperSessionConfig
  readonly signal: AbortSignal
  /** One sentence for the user. */
  readonly onNotice?: ((sentence: string) => void) | undefined
  /** Default: 30,000 ms. */
  readonly takingSilenceMs?: number | undefined
  /** Called once, when the session is over in whatever way. */
  readonly onEnd: () => void
}

const BEHIND =
  'This computer is too busy for captions word by word: they come late, by the sentence, until it has caught up.'
const GIVING_UP = 'This computer is too busy: some of what is said will have no captions.'

function caughtUp(unheardMs: number): string {
  const caughtUp = 'Captions have caught up.'
  if (unheardMs === 0) return caughtUp
  return `${caughtUp} ${Math.ceil(unheardMs / 1000)} seconds of speech have none.`
}

/** A session as its user sees it; the work is done in the whisper process. */
export function createWhisperSession(options: WhisperSessionOptions): SpeechSession {
  const { id, host, signal } = options
  const events = new EventQueue<SpeechEvent>()
  const framer = new PcmFramer(MESSAGE_BYTES, (pcm) => {
    unansweredSinceMs ??= performance.now()
    host.send({ type: 'audio', session: id, pcm })
  })
  let writtenBytes = 0
  let heardMs = 0
  let waitingMs = 0
  let isBehind = false
  let unheardMs = 0
  /** Since when a message has been without an answer: monotonic clock, ms. */
  let unansweredSinceMs: number | undefined
  let closing = false
  let resolveClosed: (() => void) | undefined
  const closed = new Promise<void>((resolve) => (resolveClosed = resolve))
  let closeTimer: NodeJS.Timeout | undefined

  function end(error?: SpeechError): void {
    if (events.ended) return
    clearTimeout(closeTimer)
    signal.removeEventListener('abort', abort)
    host.detach(id)
    if (error) events.push({ type: 'error', error })
    events.end()
    options.onEnd()
    resolveClosed?.()
  }

  function fail(error: SpeechError): void {
    host.send({ type: 'drop', session: id })
    end(error)
  }

  function abort(): void {
    host.send({ type: 'drop', session: id })
    void events.return()
    // Already marked as ended by return(): the rest of the ending is the same.
    clearTimeout(closeTimer)
    host.detach(id)
    options.onEnd()
    resolveClosed?.()
  }

  function untakenMs(): number {
    return Math.max(0, Math.floor(writtenBytes / BYTES_PER_MS) - heardMs)
  }

  function keepBounds(): void {
    if (untakenMs() > UNTAKEN_MAX_MS) return fail(tooSlow())
    if (unansweredSinceMs === undefined) return
    const silenceMs = performance.now() - unansweredSinceMs
    // Other sessions are no better off, so the whole process goes; onLost() follows.
    if (silenceMs > (options.takingSilenceMs ?? TAKING_SILENCE_MS)) host.kill('hangs')
  }

  function keepPace(pace: Pace): void {
    if (isBehind === (pace !== 'full')) return
    isBehind = !isBehind
    if (isBehind) return options.onNotice?.(BEHIND)
    options.onNotice?.(caughtUp(unheardMs))
    unheardMs = 0
  }

  function take(reply: SessionReply): void {
    unansweredSinceMs = undefined
    if (closing) expectReply()
    switch (reply.type) {
      case 'event':
        return events.push(reply.event)
      case 'progress':
        heardMs = reply.heardMs
        waitingMs = reply.waitingMs
        return
      case 'pace':
        return keepPace(reply.pace)
      case 'unheard':
        if (unheardMs === 0) options.onNotice?.(GIVING_UP)
        unheardMs += reply.durationMs
        return
      case 'ended':
        return end()
    }
  }

  /** Bounds close(): each segment that waits is answered, or the process hangs. */
  function expectReply(): void {
    clearTimeout(closeTimer)
    // Other sessions are no better off, so the whole process goes; onLost() follows.
    closeTimer = setTimeout(() => host.kill('hangs'), CLOSE_SILENCE_MS)
    closeTimer.unref()
  }

  host.attach(id, { onLost: end, onReply: take })
  signal.addEventListener('abort', abort, { once: true })
  host.send({ type: 'open', session: id, config: options.config })

  return {
    backend: options.backend,
    events,
    get bufferedMs() {
      return events.ended ? 0 : untakenMs() + waitingMs
    },
    write(pcm) {
      if (closing || events.ended) return
      writtenBytes += pcm.byteLength
      framer.push(pcm)
      keepBounds()
    },
    finalize() {
      if (closing || events.ended) return
      framer.flush()
      host.send({ type: 'finalize', session: id })
    },
    async close() {
      if (!closing && !events.ended) {
        closing = true
        framer.flush()
        host.send({ type: 'close', session: id })
        expectReply()
      }
      await closed
    },
  }
}

function tooSlow(): SpeechError {
  return new SpeechError(
    'engine_failed',
    'This computer is too slow for the speech model: choose a smaller one, or another engine.',
  )
}
