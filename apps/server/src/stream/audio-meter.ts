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
export interface AudioMeter {
  /**
   * Bytes of `offered` (whole samples) that may be forwarded; they count.
   * @param coveredMs billed audio that is covered, counted from the session's start
   */
  take(offeredBytes: number, coveredMs: number): number
  /** Of the next byte, from the session's first. */
  readonly positionBytes: number
  /** Forwarded by this meter, replays included. */
  readonly takenBytes: number
  /** Billed since the session's start. */
  readonly billedBytes: number
  /** Whole ms, rounded down. */
  readonly positionMs: number
  readonly heardMs: number
  readonly billedMs: number
  readonly replayedMs: number
  /**
   * As if the newest `unsentMs` had not been taken, because they never left this process: only what
   * was heard for the first time in them is not billed, and is still to be heard.
   */
  less(unsentMs: number): Pick<MeterStart, 'heardMs' | 'billedMs'>
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

export function createAudioMeter(limits: ReplayLimits, start: MeterStart = BEGINNING): AudioMeter {
  const startBytes = start.positionMs * BYTES_PER_MS
  let takenBytes = 0
  let heardBytes = start.heardMs * BYTES_PER_MS
  let billedBytes = start.billedMs * BYTES_PER_MS
  let replayedBytes = start.replayedMs * BYTES_PER_MS

  /** Whole samples at the beginning of `bytes` that cost nothing. */
  function freeOf(bytes: number): number {
    const replay = Math.min(bytes, heardBytes - startBytes - takenBytes)
    if (replay <= 0) return 0
    const left =
      limits.replayFreeMs * BYTES_PER_MS + billedBytes * limits.replayFreeShare - replayedBytes
    return Math.max(0, Math.min(replay, left - (left % BYTES_PER_SAMPLE)))
  }

  return {
    take(offeredBytes, coveredMs) {
      const whole = offeredBytes - (offeredBytes % BYTES_PER_SAMPLE)
      const free = freeOf(whole)
      const paid = Math.max(0, Math.min(whole - free, coveredMs * BYTES_PER_MS - billedBytes))
      takenBytes += free + paid
      replayedBytes += free
      billedBytes += paid
      heardBytes = Math.max(heardBytes, startBytes + takenBytes)
      return free + paid
    },
    get positionBytes() {
      return startBytes + takenBytes
    },
    get takenBytes() {
      return takenBytes
    },
    get billedBytes() {
      return billedBytes
    },
    get positionMs() {
      return Math.floor((startBytes + takenBytes) / BYTES_PER_MS)
    },
    get heardMs() {
      return Math.floor(heardBytes / BYTES_PER_MS)
    },
    get billedMs() {
      return Math.floor(billedBytes / BYTES_PER_MS)
    },
    get replayedMs() {
      return Math.ceil(replayedBytes / BYTES_PER_MS)
    },
    less(unsentMs) {
      const leftBytes = startBytes + takenBytes - Math.max(0, unsentMs) * BYTES_PER_MS
      const stillBytes = Math.max(start.heardMs * BYTES_PER_MS, Math.min(heardBytes, leftBytes))
      return {
        heardMs: wholeMs(stillBytes),
        billedMs: wholeMs(billedBytes - (heardBytes - stillBytes)),
      }
    },
  }
}
