import type {
  SpeechEngine,
  SpeechError,
  SpeechEvent,
  SpeechSession,
  Transcript,
  Word,
} from '@saywire/speech'
import { EventQueue } from '@saywire/speech'

const FRAME_MS = 20
const FRAME_BYTES = 640

/** A frame whose word is its number, from 1 on; silence has none. */
export function wordFrame(number: number): Uint8Array {
  const pcm = new Uint8Array(FRAME_BYTES)
  new DataView(pcm.buffer).setUint32(0, number, true)
  return pcm
}

export interface FrameEngine extends SpeechEngine {
  /** Taken in order, one by each open(): what it fails with. */
  readonly openErrors: SpeechError[]
  readonly sessions: readonly FrameSession[]
}

export interface FrameSession extends SpeechSession {
  readonly writtenBytes: number
  readonly isOver: boolean
  /** Fails, or ends without a word where no error is given; what has no final is never told. */
  cut(error?: SpeechError): void
  /** Something beside words. */
  say(event: SpeechEvent): void
}

/**
 * An engine that hears one word in each frame of 20 ms: its number. So every frame that was lost,
 * doubled, swapped or put at a wrong time shows. It says an interim at each frame, and the final
 * of so many words as `finalWords` says in turn.
 */
export function createFrameEngine(finalWords: readonly number[] = [5]): FrameEngine {
  const openErrors: SpeechError[] = []
  const sessions: FrameSession[] = []
  return {
    openErrors,
    sessions,
    async open({ startMs = 0 }, signal) {
      await Promise.resolve()
      signal.throwIfAborted()
      const error = openErrors.shift()
      if (error) throw error
      const session = frameSession(startMs, finalWords)
      signal.addEventListener('abort', () => session.cut())
      sessions.push(session)
      return session
    },
  }
}

function frameSession(startMs: number, finalWords: readonly number[]): FrameSession {
  const events = new EventQueue<SpeechEvent>()
  let writtenBytes = 0
  let pending = new Uint8Array(0)
  let words: Word[] = []
  let finals = 0

  function hear(frame: Uint8Array): void {
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)
    const endMs = startMs + writtenBytes / 32
    writtenBytes += FRAME_BYTES
    if (number === 0) return
    const text = String(number)
    words.push({ text, startMs: endMs, endMs: endMs + FRAME_MS, confidence: 1 })
    if (words.length >= (finalWords[finals % finalWords.length] ?? 1)) sayFinal(false)
    else events.push({ type: 'interim', ...transcript(words) })
  }

  function sayFinal(speechFinal: boolean): void {
    if (words.length > 0) events.push({ type: 'final', ...transcript(words), speechFinal })
    words = []
    finals += 1
  }

  return {
    backend: 'frames',
    bufferedMs: 0,
    events,
    get writtenBytes() {
      return writtenBytes
    },
    get isOver() {
      return events.ended
    },
    write(pcm) {
      if (events.ended) return
      pending = Buffer.concat([pending, pcm])
      for (; pending.byteLength >= FRAME_BYTES; pending = pending.subarray(FRAME_BYTES)) {
        hear(pending.subarray(0, FRAME_BYTES))
      }
    },
    finalize: () => sayFinal(true),
    async close() {
      sayFinal(true)
      events.end()
    },
    say: (event) => events.push(event),
    cut(error) {
      if (error) events.push({ type: 'error', error })
      events.end()
    },
  }
}

function transcript(words: readonly Word[]): Transcript {
  return {
    text: words.map(({ text }) => text).join(' '),
    confidence: 1,
    words: [...words],
    startMs: words[0]?.startMs ?? 0,
    endMs: words.at(-1)?.endMs ?? 0,
  }
}
