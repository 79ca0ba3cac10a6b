import type { FakeTranscriber, TranscriberOptions } from '@saywire/speech/testing'
import { createFakeScribe } from '@saywire/speech/testing'
import { FRAME_BYTES, nowUs, readFrame } from './audio-frame.ts'
import { FRAMES_PER_WORD, toWord } from './spoken-token.ts'

/** What became of the frames that were sent, over all streams. */
export interface FrameCounts {
  readonly received: number
  readonly lost: number
  readonly doubled: number
  readonly altered: number
  /** Of another stream's than those before it on the same connection. */
  readonly foreign: number
}

export interface FrameAudit {
  readonly counts: FrameCounts
  /** From sending to receiving, µs, since the last call. */
  takeLatencies(): number[]
  /** Hears one connection. */
  readonly transcribe: (options: TranscriberOptions) => FakeTranscriber
}

/**
 * Reads the frames of all connections however they are cut into messages, and answers each
 * half second with a result, whose newest word tells when it was said: a final every three seconds,
 * interims between.
 */
export function createFrameAudit(): FrameAudit {
  const counts = { received: 0, lost: 0, doubled: 0, altered: 0, foreign: 0 }
  let latenciesUs: number[] = []

  function transcribe(options: TranscriberOptions): FakeTranscriber {
    const scribe = createFakeScribe(options)
    const frame = Buffer.alloc(FRAME_BYTES)
    let filled = 0
    let heard = 0
    let stream: number | undefined
    let expected = 0
    let said = 0

    function hear(whole: Buffer, atUs: number): object[] {
      heard += FRAME_BYTES
      const header = readFrame(whole)
      if (!header) counts.altered += 1
      else {
        stream ??= header.stream
        if (header.stream !== stream) counts.foreign += 1
        else if (header.sequence < expected) counts.doubled += 1
        else {
          counts.received += 1
          counts.lost += header.sequence - expected
          expected = header.sequence + 1
          latenciesUs.push(atUs - header.sentAtUs)
        }
      }
      const isWordEnd = expected - said >= FRAMES_PER_WORD
      if (isWordEnd) sayWord()
      return scribe.advance(heard, !isWordEnd)
    }

    function sayWord(): void {
      const frames = expected - said
      const text = toWord({ stream: stream ?? 0, firstFrame: said, frames, saidAtUs: nowUs() })
      scribe.addWord({ text, start: heard - frames * FRAME_BYTES, end: heard, confidence: 0.9 })
      said = expected
    }

    return {
      push(audio) {
        const atUs = nowUs()
        const bytes = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength)
        if (filled === 0 && bytes.byteLength === FRAME_BYTES) return hear(bytes, atUs)
        const answers: object[] = []
        for (let taken = 0; taken < bytes.byteLength;) {
          const part = bytes.subarray(taken, taken + FRAME_BYTES - filled)
          part.copy(frame, filled)
          taken += part.byteLength
          filled += part.byteLength
          if (filled < FRAME_BYTES) continue
          filled = 0
          answers.push(...hear(frame, atUs))
        }
        return answers
      },
      finalize(fromFinalize) {
        if (expected > said) sayWord()
        return scribe.finalize(heard, fromFinalize)
      },
    }
  }

  return {
    counts,
    takeLatencies() {
      const taken = latenciesUs
      latenciesUs = []
      return taken
    },
    transcribe,
  }
}
