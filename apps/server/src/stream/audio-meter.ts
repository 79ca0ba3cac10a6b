import { BYTES_PER_MS, BYTES_PER_SAMPLE } from '@saywire/protocol'
import type { StreamLimits } from './stream-limits.ts'

export type ReplayLimits = Pick<StreamLimits, 'replayFreeMs' | 'replayFreeShare'>

/** Where a session stands, for whoever goes on with it; all in ms of audio. */
export interface MeterStart {
  /** Position of the next byte, counted from the session's first. */
  readonly positionMs: number
  /** Position up to which audio was billed: what is below it is a replay. */
  readonly heardMs: number
  /** What was billed so far. Differs from `heardMs` where replays were billed or audio was not. */
  readonly billedMs: number
  /** What was replayed for free so far. */
  readonly replayedMs: number
}

/**
 * Counts one session's audio in bytes, and cuts it, at the exact sample, where its cover ends.
 * Each position is billed once: what is sent again after a cut is free while the session's budget
 * for that lasts. Milliseconds are always taken from cumulative counts, so nothing is lost to
 * rounding.
 */
export class AudioMeter {
  readonly #limits: ReplayLimits
  readonly #start: MeterStart
  readonly #startBytes: number
  #takenBytes = 0
  #heardBytes: number
  #billedBytes: number
  #replayedBytes: number

  constructor(limits: ReplayLimits, start: MeterStart = BEGINNING) {
    this.#limits = limits
    this.#start = start
    this.#startBytes = start.positionMs * BYTES_PER_MS
    this.#heardBytes = start.heardMs * BYTES_PER_MS
    this.#billedBytes = start.billedMs * BYTES_PER_MS
    this.#replayedBytes = start.replayedMs * BYTES_PER_MS
  }

  /**
   * Bytes of `offered` (whole samples) that may be forwarded; they count.
   * @param coveredMs billed audio that is covered, counted from the session's start
   */
  take(offeredBytes: number, coveredMs: number): number {
    const whole = offeredBytes - (offeredBytes % BYTES_PER_SAMPLE)
    const free = this.#freeOf(whole)
    const paid = Math.max(0, Math.min(whole - free, coveredMs * BYTES_PER_MS - this.#billedBytes))
    this.#takenBytes += free + paid
    this.#replayedBytes += free
    this.#billedBytes += paid
    this.#heardBytes = Math.max(this.#heardBytes, this.positionBytes)
    return free + paid
  }

  /** Whole samples at the beginning of `bytes` that cost nothing. */
  #freeOf(bytes: number): number {
    const replay = Math.min(bytes, this.#heardBytes - this.positionBytes)
    if (replay <= 0) return 0
    const { replayFreeMs, replayFreeShare } = this.#limits
    const allowed = replayFreeMs * BYTES_PER_MS + this.#billedBytes * replayFreeShare
    const left = allowed - this.#replayedBytes
    return Math.max(0, Math.min(replay, left - (left % BYTES_PER_SAMPLE)))
  }

  /** Of the next byte, from the session's first. */
  get positionBytes(): number {
    return this.#startBytes + this.#takenBytes
  }

  /** Forwarded by this meter, replays included. */
  get takenBytes(): number {
    return this.#takenBytes
  }

  /** Billed since the session's start. */
  get billedBytes(): number {
    return this.#billedBytes
  }

  /** Whole ms, rounded down. */
  get positionMs(): number {
    return Math.floor(this.positionBytes / BYTES_PER_MS)
  }

  get heardMs(): number {
    return Math.floor(this.#heardBytes / BYTES_PER_MS)
  }

  get billedMs(): number {
    return Math.floor(this.#billedBytes / BYTES_PER_MS)
  }

  get replayedMs(): number {
    return Math.ceil(this.#replayedBytes / BYTES_PER_MS)
  }

  /**
   * As if the newest `unsentMs` had not been taken, because they never left this process: only what
   * was heard for the first time in them is not billed, and is still to be heard.
   */
  less(unsentMs: number): Pick<MeterStart, 'heardMs' | 'billedMs'> {
    const leftBytes = this.positionBytes - Math.max(0, unsentMs) * BYTES_PER_MS
    const heardBefore = this.#start.heardMs * BYTES_PER_MS
    const stillBytes = Math.max(heardBefore, Math.min(this.#heardBytes, leftBytes))
    return {
      heardMs: wholeMs(stillBytes),
      billedMs: wholeMs(this.#billedBytes - (this.#heardBytes - stillBytes)),
    }
  }
}

const BEGINNING: MeterStart = { positionMs: 0, heardMs: 0, billedMs: 0, replayedMs: 0 }

/** What is left of a session's budget for free replays, ms. */
export function replayLeftMs(
  limits: ReplayLimits,
  { billedMs, replayedMs }: Pick<MeterStart, 'billedMs' | 'replayedMs'>,
): number {
  return Math.max(0, limits.replayFreeMs + billedMs * limits.replayFreeShare - replayedMs)
}

function wholeMs(bytes: number): number {
  return Math.floor(Math.max(0, bytes) / BYTES_PER_MS)
}
