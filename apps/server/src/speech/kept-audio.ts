import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechSession } from '@saywire/speech'
import { createReplayBuffer } from '@saywire/speech'

/** Heard again ahead of the horizon, so that the first word does not begin in the middle. */
const PRE_ROLL_MS = 300
/** Replayed audio is written in pieces of this length. */
const PIECE_MS = 100

/**
 * A session's audio as far as a replacement may have to hear it again, and where the session
 * stands. Positions are ms on the session's clock; none of them ever decreases.
 */
export interface KeptAudio {
  /** End of what was written. */
  readonly endMs: number
  /** Everything before is final, or holds no words. */
  readonly horizonMs: number
  /** Everything before was handed to a backend once. */
  readonly takenMs: number
  append(pcm: Uint8Array): void
  commit(horizonMs: number): void
  take(positionMs: number): void
  /** Finals were asked for here; a replacement is asked again. */
  finalize(): void
  /** Where a replacement that is opened now should begin to listen. */
  readonly replayFromMs: number
  /**
   * Writes everything from `fromMs` on. What is not kept any more is replaced by silence, so that
   * times stay true.
   * @returns audio, in ms, that nobody has heard and nobody will
   */
  replay(session: Pick<SpeechSession, 'write' | 'finalize'>, fromMs: number): number
}

export function createKeptAudio(startMs: number, capacityMs: number): KeptAudio {
  const ring = createReplayBuffer(capacityMs)
  let writtenBytes = 0
  let horizonMs = startMs
  let takenMs = startMs
  let finalizeAtMs = startMs
  const endMs = (): number => startMs + writtenBytes / BYTES_PER_MS
  const keptFromMs = (): number => startMs + ring.startMs

  function writePieces(
    session: Pick<SpeechSession, 'write'>,
    fromMs: number,
    toMs: number,
  ): number {
    for (let atMs = fromMs; atMs < toMs; atMs += PIECE_MS) {
      const pieceEndMs = Math.min(toMs, atMs + PIECE_MS)
      session.write(ring.read(atMs - startMs, pieceEndMs - startMs))
    }
    return Math.max(fromMs, toMs)
  }

  return {
    get endMs() {
      return endMs()
    },
    get horizonMs() {
      return horizonMs
    },
    get takenMs() {
      return takenMs
    },
    append(pcm) {
      ring.append(pcm)
      writtenBytes += pcm.byteLength
    },
    commit(positionMs) {
      horizonMs = Math.max(horizonMs, Math.min(positionMs, endMs()))
      ring.forgetBefore(Math.floor(horizonMs) - PRE_ROLL_MS - startMs)
    },
    take(positionMs) {
      takenMs = Math.max(takenMs, Math.min(positionMs, endMs()))
    },
    finalize() {
      finalizeAtMs = endMs()
    },
    get replayFromMs() {
      const preRollMs = Math.max(startMs, Math.floor(horizonMs) - PRE_ROLL_MS)
      return Math.max(preRollMs, Math.ceil(keptFromMs()))
    },
    replay(session, fromMs) {
      const skippedMs = Math.max(0, keptFromMs() - Math.max(horizonMs, takenMs))
      horizonMs = Math.max(horizonMs, keptFromMs())
      let atMs = fromMs
      const lostBytes = Math.max(0, Math.ceil(keptFromMs()) - fromMs) * BYTES_PER_MS
      if (lostBytes > 0) session.write(new Uint8Array(lostBytes))
      atMs += lostBytes / BYTES_PER_MS
      if (finalizeAtMs > horizonMs) {
        atMs = writePieces(session, atMs, finalizeAtMs)
        session.finalize()
      }
      writePieces(session, atMs, endMs())
      return skippedMs
    },
  }
}
