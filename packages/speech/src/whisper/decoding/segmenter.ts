import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { writeFloats } from '../../pcm.ts'
import { quietestSample } from './quietest.ts'
import type { VoiceDetector } from './voice-detector.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
/** Kept before the first voiced frame: onsets are soft, and noise may have hidden a whole word. */
const PRE_ROLL = 500 * SAMPLES_PER_MS
/** Kept after the last voiced frame, and silence after which the speaker may have ended: words end softly, too. */
const TAIL = 260 * SAMPLES_PER_MS
/** Once a segment is so long it ends with the next pause, however short: what is long is decoded late. */
const LONG = 7000 * SAMPLES_PER_MS
/** Without any pause it is cut here, at the quietest place since `CUT_FROM`. */
const LONGEST = 14_000 * SAMPLES_PER_MS
const CUT_FROM = 6000 * SAMPLES_PER_MS
/** To find a quiet place in. */
const CUT_ROOM = 600 * SAMPLES_PER_MS
/** Shorter bursts than this are no words. */
const LEAST_VOICED = 100 * SAMPLES_PER_MS
/** With the longest pause that a session may ask for behind it, 5 s. */
const CAPACITY = LONGEST + 6000 * SAMPLES_PER_MS

/** A stretch of audio that holds speech; at most 14.6 s and a pause. Positions count from the first sample. */
export interface SpeechSegment {
  readonly samples: Float32Array
  readonly startSample: number
  readonly endSample: number
}

export interface SegmenterOptions {
  readonly detector: VoiceDetector
  /** Silence, in ms, that ends a segment. */
  readonly endpointMs: number
  readonly onSpeechStart: (atSample: number) => void
  /** The speaker pauses: this is the segment if nothing more comes. */
  readonly onPause?: (segment: SpeechSegment) => void
  /**
   * The segment is over. Where it ended with a pause that was told, it is the very one that onPause()
   * had. `endsUtterance`: the speaker paused for the endpoint or the segment was asked for; false where
   * it was cut.
   */
  readonly onSegment: (segment: SpeechSegment, endsUtterance: boolean) => void
  /** A segment without a pause is not cut before this sample. */
  readonly cutFromSample?: () => number
}

export interface Segmenter {
  push(samples: Int16Array): void
  /** Ends the segment that is being spoken, if there is one. */
  flush(): void
  /**
   * What has been said of the segment so far (a copy), or of its end from `fromSample` on; undefined in
   * silence.
   */
  current(fromSample?: number): SpeechSegment | undefined
  /** Where the segment that is being spoken begins; undefined in silence. */
  readonly startSample: number | undefined
  /** What was told as a pause, while nobody has spoken since. */
  readonly paused: SpeechSegment | undefined
  /** Samples taken so far. */
  readonly position: number
}

/** The segment that is being spoken. */
interface Open {
  start: number
  /** End of the last voiced frame. */
  lastVoiced: number
  /** Voiced samples. */
  voiced: number
  /** What was told as a pause, unless somebody has spoken since. */
  paused: SpeechSegment | undefined
  /** The utterance was cut before it: however short, it is what ends it. */
  readonly goesOn: boolean
}

/** Cuts a stream into segments of speech: from just before its onset to the pause after it. */
export function createSegmenter(options: SegmenterOptions): Segmenter {
  const { detector, onSpeechStart, onPause, onSegment } = options
  const frame = detector.frameSamples
  const endpoint = options.endpointMs * SAMPLES_PER_MS
  const audio = new Float32Array(CAPACITY)
  /** Position of audio[0], of the next sample, of the first one without a verdict. */
  let base = 0
  let position = 0
  let judged = 0
  /** Where the last segment ended: the next one may not reach back over it. */
  let taken = 0
  let open: Open | undefined

  function judge(): void {
    while (position - judged >= frame) {
      const at = judged - base
      const speech = detector.isSpeech(audio.subarray(at, at + frame))
      judged += frame
      if (speech) voice()
      else if (open) pause(open)
      if (open && !open.paused && judged - open.start >= LONGEST) cut(open)
    }
  }

  function voice(): void {
    // A long one ends with the pause that it has just made.
    const cutsShort = open?.paused && open.paused.samples.length >= LONG ? open.paused : undefined
    if (cutsShort) emit(cutsShort, false)
    if (!open) {
      const start = Math.max(base, taken, judged - frame - PRE_ROLL)
      const goesOn = cutsShort !== undefined
      open = { start, lastVoiced: judged, voiced: 0, paused: undefined, goesOn }
      if (!cutsShort) onSpeechStart(Math.max(start, judged - frame))
    }
    open.lastVoiced = judged
    open.voiced += frame
    open.paused = undefined
  }

  function pause(segment: Open): void {
    const silence = judged - segment.lastVoiced
    if (silence >= endpoint) return end(segment, judged)
    if (silence < TAIL || segment.paused || segment.voiced < LEAST_VOICED) return
    segment.paused = segmentOf(segment.start, Math.min(judged, segment.lastVoiced + TAIL))
    onPause?.(segment.paused)
  }

  function end(segment: Open, until: number): void {
    if (segment.voiced < LEAST_VOICED && !segment.goesOn) {
      open = undefined
      return
    }
    const endSample = Math.min(until, segment.lastVoiced + TAIL)
    emit(segment.paused ?? segmentOf(segment.start, endSample), true)
  }

  /** Nobody paused for long: cut where it is quietest, and go on from there. */
  function cut(segment: Open): void {
    const from = Math.max(
      segment.start + CUT_FROM,
      Math.min(options.cutFromSample?.() ?? 0, judged),
    )
    // So close behind a word that is committed there is no gap yet: soon there is one.
    if (judged - from < CUT_ROOM && judged - segment.start < LONGEST + CUT_ROOM) return
    const at = Math.min(
      judged,
      base + quietestSample(audio.subarray(0, judged - base), from - base),
    )
    const { lastVoiced, voiced } = segment
    // Perhaps this is a pause: then it is told as one, and ends as one.
    if (at >= lastVoiced) return voiced < LEAST_VOICED ? end(segment, judged) : undefined
    emit(segmentOf(segment.start, at), false)
    open = { start: at, lastVoiced, voiced: lastVoiced - at, paused: undefined, goesOn: true }
  }

  function segmentOf(startSample: number, endSample: number): SpeechSegment {
    return { samples: audio.slice(startSample - base, endSample - base), startSample, endSample }
  }

  function emit(segment: SpeechSegment, endsUtterance: boolean): void {
    taken = segment.endSample
    open = undefined
    onSegment(segment, endsUtterance)
  }

  /** Moves what is still needed to the front where `count` more samples would not fit. */
  function makeRoom(count: number): void {
    if (position - base + count <= CAPACITY) return
    const keepFrom = open?.start ?? Math.max(base, judged - PRE_ROLL - frame)
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
    flush() {
      if (open) end(open, position)
    },
    current(fromSample = 0) {
      if (!open || open.voiced < LEAST_VOICED) return undefined
      return segmentOf(Math.max(open.start, fromSample), judged)
    },
    get startSample() {
      return open?.start
    },
    get paused() {
      return open?.paused
    },
    get position() {
      return position
    },
  }
}
