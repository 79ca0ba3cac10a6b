import { BYTES_PER_MS } from '@saywire/protocol'
import { EventQueue } from '../event-queue.ts'
import { PcmFramer } from '../pcm.ts'
import { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent } from '../speech-event.ts'
import type { WhisperHost } from './whisper-host.ts'
import type { WhisperSessionConfig } from './whisper-messages.ts'

/** Audio in one message to the process: 100 ms. */
const MESSAGE_BYTES = 100 * BYTES_PER_MS
/** Audio that may wait before the computer counts as too slow. */
const MAX_BACKLOG_MS = 10 * 60_000
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
  /** Called once, when the session is over in whatever way. */
  readonly onEnd: () => void
}

/** A session as its user sees it; the work is done in the whisper process. */
export function createWhisperSession(options: WhisperSessionOptions): SpeechSession {
  const { id, host, signal } = options
  const events = new EventQueue<SpeechEvent>()
  const framer = new PcmFramer(MESSAGE_BYTES, (pcm) =>
    host.send({ type: 'audio', session: id, pcm }),
  )
  let writtenBytes = 0
  let heardMs = 0
  let waitingMs = 0
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

  function bufferedMs(): number {
    if (events.ended) return 0
    return Math.max(0, Math.floor(writtenBytes / BYTES_PER_MS) - heardMs) + waitingMs
  }

  /** Bounds close(): each segment that waits is answered, or the process hangs. */
  function expectReply(): void {
    clearTimeout(closeTimer)
    // Other sessions are no better off, so the whole process goes; onLost() follows.
    closeTimer = setTimeout(() => host.kill(), CLOSE_SILENCE_MS)
    closeTimer.unref()
  }

  host.attach(id, {
    onLost: end,
    onReply(reply) {
      if (closing) expectReply()
      if (reply.type === 'event') events.push(reply.event)
      else if (reply.type === 'ended') end()
      else ({ heardMs, waitingMs } = reply)
    },
  })
  signal.addEventListener('abort', abort, { once: true })
  host.send({ type: 'open', session: id, config: options.config })

  return {
    backend: options.backend,
    events,
    get bufferedMs() {
      return bufferedMs()
    },
    write(pcm) {
      if (closing || events.ended) return
      writtenBytes += pcm.byteLength
      framer.push(pcm)
      if (bufferedMs() > MAX_BACKLOG_MS) fail(tooSlow())
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
