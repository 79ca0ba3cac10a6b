import type { ClientMessageInput, TranscriptMessage } from '@saywire/protocol'
import { AUDIO_BURST_MS, AUDIO_MAX_RATE, CLOSE_DONE } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { EventQueue } from '../event-queue.ts'
import { bytesToMs, msToBytes, PcmFramer } from '../pcm.ts'
import { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent, Transcript } from '../speech-event.ts'
import { errorFromClose, errorFromMessage, parseServerMessage } from './managed-messages.ts'
import type { TokenBucket } from '../token-bucket.ts'
import { createTokenBucket } from '../token-bucket.ts'
import { createPacedSender } from './paced-sender.ts'

/** Audio per binary message: small enough not to be heard as lag, large enough to be cheap. */
const MESSAGE_MS = 40
/** Audio that has waited this long is sent as a shorter message. */
const PARTIAL_FLUSH_MS = 100
const KEEPALIVE_MS = 4000
/** A server that says nothing for this long while it ends the session is given up. */
const CLOSE_SILENCE_MS = 30_000
/** A server that has said why it ends the session, and then does not, is left. */
const FAILED_SILENCE_MS = 5000
/**
 * Audio that waits at most, as much as 2 MB. A network that is so far behind is as good as gone:
 * the session ends, and what waits is dropped, because its owner keeps what has no final.
 */
const WAITING_MAX_MS = 60_000
/** A little inside what the server allows, so that a late network burst does not cross it. */
const SEND_BURST_MS = AUDIO_BURST_MS * 0.8
const SEND_RATE = AUDIO_MAX_RATE * 0.95

export interface ManagedSessionDeps {
  /** Open, and past `ready`. */
  readonly socket: WebSocket
  readonly signal: AbortSignal
  readonly backend: string
  readonly startMs: number
  readonly resumedFromMs?: number
  readonly mayTakeLong?: true
  /** Made by createSendAllowance(); a session that goes on keeps that of the lost connection. */
  readonly allowance: TokenBucket
  /** Monotonic clock, ms. */
  readonly now: () => number
}

/** What a session may send: the server counts over all its connections. */
export function createSendAllowance(nowMs: number): TokenBucket {
  return createTokenBucket(nowMs, { burst: SEND_BURST_MS, perMs: SEND_RATE })
}

/** One session on a Saywire server that has said `ready`. */
export function createManagedSession(deps: ManagedSessionDeps): SpeechSession {
  const { socket, signal, startMs, now } = deps
  const events = new EventQueue<SpeechEvent>()
  const sender = createPacedSender((frame) => socket.send(frame), {
    bucket: deps.allowance,
    underWayMaxMs: SEND_BURST_MS,
    now,
  })
  const framer = new PcmFramer(msToBytes(MESSAGE_MS), (frame) => sender.push(frame))
  /** On the connections before this one. */
  const sentBeforeMs = (deps.resumedFromMs ?? startMs) - startMs
  let horizonMs = startMs
  /** Still taking audio. */
  let accepted = true
  /** Why the server ends the session; told to the reader after the last finals. */
  let failure: SpeechError | undefined
  let lastWriteMs = now()
  let lastKeepaliveMs = now()
  let lastHeardMs = now()
  let closing: Promise<void> | undefined

  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))

  function send(message: ClientMessageInput): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  function finish(error?: SpeechError): void {
    accepted = false
    clearInterval(ticker)
    sender.stop()
    signal.removeEventListener('abort', abort)
    if (error) events.push({ type: 'error', error })
    events.end()
  }

  function leave(error: SpeechError): void {
    finish(error)
    socket.terminate()
  }

  function abort(): void {
    // Unlike finish(), this also drops what the reader has not taken yet.
    void events.return()
    finish()
    socket.terminate()
  }

  function onMessage(data: Buffer): void {
    lastHeardMs = now()
    const message = parseServerMessage(data)
    switch (message?.type) {
      case 'transcript':
        horizonMs = message.is_final ? startMs + message.end_ms : horizonMs
        return events.push(
          message.is_final
            ? { type: 'final', ...transcript(message, startMs), speechFinal: message.speech_final }
            : { type: 'interim', ...transcript(message, startMs), ...committed(message) },
        )
      case 'speech_started':
        return events.push({ type: 'speech-started', atMs: startMs + message.at_ms })
      case 'utterance_end': {
        const lastWordEndMs = startMs + message.last_word_end_ms
        return events.push({ type: 'utterance-end', lastWordEndMs })
      }
      case 'ack':
        sender.arrived(message.audio_ms - sentBeforeMs)
        return events.push({ type: 'usage', audioMs: message.audio_ms })
      case 'credits_low':
        return events.push({ type: 'credits-low', secondsRemaining: message.seconds_remaining })
      case 'upstream_reconnecting':
        return events.push({ type: 'reconnecting' })
      case 'upstream_recovered':
        return events.push({ type: 'recovered' })
      case 'error':
        // A malformed message is ignored by the server; anything else ends the session.
        if (message.code === 'bad_message' && message.resume_from_ms === undefined) return
        failure = errorFromMessage(message, startMs)
        accepted = false
        // The next server goes on from what is final; who waits for this one's last words, waits.
        if (message.code === 'server_draining' && !closing) leave(failure)
        return
      case 'session_end':
        return events.push({ type: 'usage', audioMs: message.used_ms })
    }
  }

  function tick(): void {
    const nowMs = now()
    if (framer.pendingBytes > 0 && nowMs - lastWriteMs >= PARTIAL_FLUSH_MS) framer.flush()
    if (nowMs - Math.max(lastWriteMs, lastKeepaliveMs) >= KEEPALIVE_MS) {
      lastKeepaliveMs = nowMs
      send({ type: 'keepalive' })
    }
    const patienceMs = failure ? FAILED_SILENCE_MS : CLOSE_SILENCE_MS
    if ((failure || closing) && nowMs - lastHeardMs > patienceMs) socket.terminate()
  }

  function waitingMs(): number {
    return bytesToMs(framer.pendingBytes + sender.queuedBytes + socket.bufferedAmount)
  }

  const ticker = setInterval(tick, PARTIAL_FLUSH_MS)
  signal.addEventListener('abort', abort, { once: true })
  socket.on('message', onMessage)
  socket.once('close', (code) => {
    if (failure) return finish(failure)
    if (closing && code === CLOSE_DONE) return finish()
    finish(errorFromClose(code, 'The connection to the server was lost', horizonMs))
  })

  return {
    backend: deps.backend,
    ...(deps.resumedFromMs !== undefined && { resumedFromMs: deps.resumedFromMs }),
    ...(deps.mayTakeLong && { mayTakeLong: true }),
    events,
    write(pcm) {
      if (!accepted) return
      lastWriteMs = now()
      framer.push(pcm)
      if (waitingMs() > WAITING_MAX_MS) leave(tooFarBehind(horizonMs))
    },
    get bufferedMs() {
      return accepted ? waitingMs() : 0
    },
    finalize() {
      if (!accepted) return
      framer.flush()
      // At its place: later, it would end an utterance in the middle of a word.
      sender.afterThis(() => send({ type: 'finalize' }))
    },
    close() {
      closing ??= (async () => {
        if (accepted) framer.flush()
        accepted = false
        await new Promise<void>((resolve) => sender.afterThis(resolve))
        lastHeardMs = now()
        send({ type: 'stop' })
        await over
      })()
      return closing
    },
  }
}

function tooFarBehind(resumeFromMs: number): SpeechError {
  const message = 'The connection to the server is too slow for speech. Check the network.'
  return new SpeechError('upstream_lost', message, { retryable: true, resumeFromMs })
}

function committed({ committed_words: count }: TranscriptMessage) {
  return count === undefined ? undefined : { committedWords: count }
}

function transcript(message: TranscriptMessage, startMs: number): Transcript {
  return {
    text: message.text,
    confidence: message.confidence,
    startMs: startMs + message.start_ms,
    endMs: startMs + message.end_ms,
    words: message.words.map((word) => ({
      text: word.text,
      startMs: startMs + word.start_ms,
      endMs: startMs + word.end_ms,
      confidence: word.confidence,
    })),
  }
}
