import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechActivity } from './audio/speech-activity.ts'

/** Speech that an engine was sent and gave no result to. */
export interface UnansweredSpeech {
  wrote(pcm: Uint8Array, nowMs: number): void
  /** The engine gave a result. */
  answered(): void
  /** So much speech, by the clock and in audio, has no answer. */
  isAtLeast(ms: number, nowMs: number): boolean
  /** Time passed in which nobody could answer. */
  excuse(nowMs: number): void
}

/** The detector follows the noise of a room by steps of one frame of the capture. */
const FRAME_MS = 20
const FRAME_BYTES = FRAME_MS * BYTES_PER_MS
/**
 * Audio without speech takes back half its length of what was counted. Continuous talk holds speech
 * in well over half of its time, and counts up; knocks, keys and a slamming door hold "speech" in
 * less than a third, and never add up, however long nobody says a word.
 */
const PAUSE_WEIGHT = 0.5

export function createUnansweredSpeech(detector: SpeechActivity): UnansweredSpeech {
  let speechMs = 0
  /** When the oldest speech that has no answer was written. */
  let sinceMs: number | undefined

  return {
    wrote(pcm, nowMs) {
      for (let at = 0; at < pcm.byteLength; at += FRAME_BYTES) {
        const frame = pcm.subarray(at, at + FRAME_BYTES)
        const frameMs = frame.byteLength / BYTES_PER_MS
        if (detector.hear(frame)) {
          speechMs += frameMs
          sinceMs ??= nowMs
        } else {
          speechMs = Math.max(0, speechMs - PAUSE_WEIGHT * frameMs)
          if (speechMs === 0) sinceMs = undefined
        }
      }
    },
    answered() {
      speechMs = 0
      sinceMs = undefined
    },
    // Both clocks: a backlog is written in no time, and takes time to be answered.
    isAtLeast: (ms, nowMs) => speechMs >= ms && nowMs - (sinceMs ?? nowMs) >= ms,
    excuse(nowMs) {
      if (sinceMs !== undefined) sinceMs = nowMs
    },
  }
}

/** Of the audio that waits, so much is heard with each message: nobody else should have to wait. */
const CATCH_UP_PIECES = 4

interface Piece {
  readonly pcm: Uint8Array
  readonly nowMs: number
}

/**
 * The same for a server of many sessions, whose engines answer every few seconds: what has its
 * answer sooner than that is never looked at, which costs more than everything else that is done
 * with audio. Later the audio is heard after all: once to learn the noise of the room, then to count.
 * It keeps the audio that it was given, and does not copy it.
 * @param patienceMs without an answer; well below what isAtLeast() is asked for
 */
export function createLazyUnansweredSpeech(
  detector: SpeechActivity,
  patienceMs: number,
): UnansweredSpeech {
  const eager = createUnansweredSpeech(detector)
  let waiting: Piece[] = []
  let waitingMs = 0
  /** Pieces by which the noise was learned, and that were counted. */
  let learned = 0
  let counted = 0
  let learningPieces: number | undefined

  function catchUp(pieces: number): void {
    learningPieces ??= waiting.length
    for (let left = pieces; left > 0 && counted < waiting.length; left--) {
      const piece = waiting[learned < learningPieces ? learned : counted] as Piece
      if (learned < learningPieces) {
        detector.hear(piece.pcm)
        learned += 1
      } else {
        eager.wrote(piece.pcm, piece.nowMs)
        counted += 1
      }
    }
    if (counted === waiting.length) {
      waiting = []
      learned = learningPieces = counted = 0
    }
  }

  return {
    wrote(pcm, nowMs) {
      waiting.push({ pcm, nowMs })
      waitingMs += pcm.byteLength / BYTES_PER_MS
      if (waitingMs >= patienceMs) catchUp(CATCH_UP_PIECES)
    },
    answered() {
      eager.answered()
      waiting = []
      waitingMs = learned = counted = 0
      learningPieces = undefined
    },
    isAtLeast(ms, nowMs) {
      const isDue = waitingMs >= ms && nowMs - (waiting[0]?.nowMs ?? nowMs) >= ms
      if (isDue) catchUp(Number.POSITIVE_INFINITY)
      return eager.isAtLeast(ms, nowMs)
    },
    excuse(nowMs) {
      catchUp(Number.POSITIVE_INFINITY)
      eager.excuse(nowMs)
    },
  }
}
