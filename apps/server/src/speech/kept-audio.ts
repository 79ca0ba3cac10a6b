import { BYTES_PER_MS } from '@saywire/protocol'
import type { SpeechSession } from '@saywire/speech'
import { ReplayBuffer } from '@saywire/speech'

/** Heard again ahead of the horizon, so that the first word does not begin in the middle. */
const PRE_ROLL_MS = 300
/** Replayed audio is written in pieces of this length. */
const PIECE_MS = 100

/**
 * A session's audio as far as a replacement may have to hear it again, and where the session
 * stands. Positions are ms on the session's clock; none of them ever decreases.
 */
export class KeptAudio {
  readonly #startMs: number
  readonly #ring: ReplayBuffer
  #writtenBytes = 0
  #horizonMs: number
  #takenMs: number
  #finalizeAtMs: number

  constructor(startMs: number, capacityMs: number) {
    this.#startMs = startMs
    this.#ring = new ReplayBuffer(capacityMs)
    this.#horizonMs = startMs
    this.#takenMs = startMs
    this.#finalizeAtMs = startMs
  }

  /** End of what was written. */
  get endMs(): number {
    return this.#startMs + this.#writtenBytes / BYTES_PER_MS
  }

  /** Everything before is final, or holds no words. */
  get horizonMs(): number {
    return this.#horizonMs
  }

  /** Everything before was handed to a backend once. */
  get takenMs(): number {
    return this.#takenMs
  }

  append(pcm: Uint8Array): void {
    this.#ring.append(pcm)
    this.#writtenBytes += pcm.byteLength
  }

  commit(positionMs: number): void {
    this.#horizonMs = Math.max(this.#horizonMs, Math.min(positionMs, this.endMs))
    this.#ring.forgetBefore(Math.floor(this.#horizonMs) - PRE_ROLL_MS - this.#startMs)
  }

  take(positionMs: number): void {
    this.#takenMs = Math.max(this.#takenMs, Math.min(positionMs, this.endMs))
  }

  /** Finals were asked for here; a replacement is asked again. */
  finalize(): void {
    this.#finalizeAtMs = this.endMs
  }

  /** Where a replacement that is opened now should begin to listen. */
  get replayFromMs(): number {
    const preRollMs = Math.max(this.#startMs, Math.floor(this.#horizonMs) - PRE_ROLL_MS)
    return Math.max(preRollMs, Math.ceil(this.#keptFromMs))
  }

  get #keptFromMs(): number {
    return this.#startMs + this.#ring.startMs
  }

  /**
   * Writes everything from `fromMs` on. What is not kept any more is replaced by silence, so that
   * times stay true.
   * @returns audio, in ms, that nobody has heard and nobody will
   */
  replay(session: Pick<SpeechSession, 'write' | 'finalize'>, fromMs: number): number {
    const keptFromMs = this.#keptFromMs
    const skippedMs = Math.max(0, keptFromMs - Math.max(this.#horizonMs, this.#takenMs))
    this.#horizonMs = Math.max(this.#horizonMs, keptFromMs)
    let atMs = fromMs
    const lostBytes = Math.max(0, Math.ceil(keptFromMs) - fromMs) * BYTES_PER_MS
    if (lostBytes > 0) session.write(new Uint8Array(lostBytes))
    atMs += lostBytes / BYTES_PER_MS
    if (this.#finalizeAtMs > this.#horizonMs) {
      atMs = this.#writePieces(session, atMs, this.#finalizeAtMs)
      session.finalize()
    }
    this.#writePieces(session, atMs, this.endMs)
    return skippedMs
  }

  #writePieces(session: Pick<SpeechSession, 'write'>, fromMs: number, toMs: number): number {
    for (let atMs = fromMs; atMs < toMs; atMs += PIECE_MS) {
      const pieceEndMs = Math.min(toMs, atMs + PIECE_MS)
      session.write(this.#ring.read(atMs - this.#startMs, pieceEndMs - this.#startMs))
    }
    return Math.max(fromMs, toMs)
  }
}
