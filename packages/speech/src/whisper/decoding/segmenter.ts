import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { writeFloats } from '../../pcm.ts'
import { quietestSample } from './quietest.ts'
import type { VoiceDetector } from './voice-detector.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
/** Kept before the first loud frame: onsets are soft, and noise may have hidden a whole word. */
const PRE_ROLL = 600 * SAMPLES_PER_MS
/** Kept after the last loud frame, where the endpoint leaves so much: words end softly, too. */
const TAIL = 500 * SAMPLES_PER_MS
/** Whisper hears 30 s at a time; a cut before that leaves room to choose a quiet place. */
const LONGEST = 25_000 * SAMPLES_PER_MS
const CUT_FROM = 14_000 * SAMPLES_PER_MS
/** Shorter bursts than this are no words. */
const LEAST_VOICED = 100 * SAMPLES_PER_MS
const CAPACITY = LONGEST + 5000 * SAMPLES_PER_MS

/** A stretch of audio that holds speech; at most 25 s. Positions count from the first sample. */
export interface SpeechSegment {
  readonly samples: Float32Array
  readonly startSample: number
  readonly endSample: number
  /** True where the speaker paused or the segment was asked for, false where it was cut. */
  readonly endsUtterance: boolean
}

export interface SegmenterOptions {
  readonly detector: VoiceDetector
  /** Silence, in ms, that ends a segment. */
  readonly endpointMs: number
  readonly onSpeechStart: (atSample: number) => void
  readonly onSegment: (segment: SpeechSegment) => void
}

export interface Segmenter {
  push(samples: Int16Array): void
  /** Ends the segment that is being spoken, if there is one. */
  flush(): void
  /** What has been said of the segment so far (a copy); undefined in silence. */
  current(): Omit<SpeechSegment, 'endsUtterance'> | undefined
  readonly speaking: boolean
  /** Samples taken so far. */
  readonly position: number
}

/** Cuts a stream into segments of speech: from just before its onset to the pause after it. */
export function createSegmenter(options: SegmenterOptions): Segmenter {
  const { detector, onSpeechStart, onSegment } = options
  const frame = detector.frameSamples
  const endpoint = options.endpointMs * SAMPLES_PER_MS
  const audio = new Float32Array(CAPACITY)
  /** Position of audio[0], of the next sample, of the first one without a verdict. */
  let base = 0
  let position = 0
  let judged = 0
  /** Where the last segment ended: the next one may not reach back over it. */
  let taken = 0
  let segment: { start: number; lastVoiced: number; voiced: number } | undefined

  function judge(): void {
    while (position - judged >= frame) {
      const at = judged - base
      const speech = detector.isSpeech(audio.subarray(at, at + frame))
      judged += frame
      if (speech) voice()
      else if (segment && judged - segment.lastVoiced >= endpoint) end()
      if (segment && judged - segment.start >= LONGEST) cut(segment)
    }
  }

  function voice(): void {
    if (!segment) {
      const start = Math.max(base, taken, judged - frame - PRE_ROLL)
      segment = { start, lastVoiced: judged, voiced: 0 }
      onSpeechStart(Math.max(start, judged - frame))
    }
    segment.lastVoiced = judged
    segment.voiced += frame
  }

  function end(): void {
    if (!segment) return
    const { start, lastVoiced, voiced } = segment
    segment = undefined
    if (voiced < LEAST_VOICED) return
    emit(start, Math.min(position, lastVoiced + TAIL), true)
  }

  /** Nobody paused for 25 s: cut where it is quietest, and go on from there. */
  function cut(long: NonNullable<typeof segment>): void {
    const from = long.start + CUT_FROM - base
    const at = base + quietestSample(audio.subarray(0, judged - base), from)
    if (at >= long.lastVoiced) return end()
    emit(long.start, at, false)
    long.start = at
  }

  function emit(startSample: number, endSample: number, endsUtterance: boolean): void {
    taken = endSample
    const samples = audio.slice(startSample - base, endSample - base)
    onSegment({ samples, startSample, endSample, endsUtterance })
  }

  /** Moves what is still needed to the front where `count` more samples would not fit. */
  function makeRoom(count: number): void {
    if (position - base + count <= CAPACITY) return
    const keepFrom = segment?.start ?? Math.max(base, judged - PRE_ROLL - frame)
    audio.copyWithin(0, keepFrom - base, position - base)
    base = keepFrom
  }

  return {
    push(samples) {
      // In pieces: a segment may end within a long chunk, which makes room for the rest of it.
      for (let at = 0; at < samples.length; at += frame) {
        const piece = samples.subarray(at, at + frame)
        makeRoom(piece.length)
        writeFloats(piece, audio, position - base)
        position += piece.length
        judge()
      }
    },
    flush: end,
    current() {
      if (!segment || segment.voiced < LEAST_VOICED) return undefined
      const samples = audio.slice(segment.start - base, judged - base)
      return { samples, startSample: segment.start, endSample: judged }
    },
    get speaking() {
      return segment !== undefined
    },
    get position() {
      return position
    },
  }
}
