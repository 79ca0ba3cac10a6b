import { AUDIO_BURST_MS, AUDIO_MAX_RATE } from '@saywire/protocol'
import type { SpeechSession } from '@saywire/speech'
import { createTokenBucket } from '@saywire/speech'
import type { EngineClock } from './engine-clock.ts'
import { FILLED_GAP_MS } from './engine-clock.ts'
import type { Clock } from './ports.ts'
import type { ReplayAudio } from './replay-audio.ts'

/** Replayed audio is written in pieces of this length, and so often. */
const PIECE_MS = 100
/** Replayed audio that an engine may have before it at once; the rest waits where it is kept. */
const AHEAD_MAX_MS = 5000

export interface EngineFeedDeps {
  readonly session: SpeechSession
  readonly clock: Clock
  readonly times: EngineClock
  readonly replay: ReplayAudio
  /** Audio time of the first sample that the session gets. */
  readonly fromMs: number
  /** It goes on with a session that has audio without a final already. */
  readonly isResumed: boolean
  /** At most so fast as our server takes audio; otherwise as fast as the engine can. */
  readonly isPaced: boolean
  /** What the session would have to be given next is not kept any more. */
  onStarved(): void
}

/**
 * A session's audio on its way into one engine: first what it has to hear again, as fast as it
 * takes it and never much ahead of it, then what comes, in order and without a copy.
 */
export interface EngineFeed {
  /** Audio that is there and that the engine has not taken yet, ms. */
  readonly waitingMs: number
  /** The newest audio, after it was added to the clock and to the replay. */
  add(pcm: Uint8Array): void
  /** Asks for the final of all audio so far, once it is written. */
  finalize(): void
  /** Lets the session end after all audio so far. */
  close(): void
  /** Writes nothing more. */
  stop(): void
}

export function createEngineFeed(deps: EngineFeedDeps): EngineFeed {
  const { session, clock, times, replay } = deps
  const pace = { burst: AUDIO_BURST_MS, perMs: AUDIO_MAX_RATE }
  const bucket = deps.isPaced ? createTokenBucket(clock.nowMs(), pace) : undefined
  /** Up to here the session was given everything. */
  let atMs = deps.fromMs
  /** Audio times, rising, at which a final is asked for. */
  const finalizeAt = times.gapsBetween(
    // The final that was asked for at the very place where it goes on may not have been heard of.
    deps.isResumed ? atMs - 1 : atMs,
    times.audioMs,
    FILLED_GAP_MS,
  )
  let hasUnfinalized = deps.isResumed
  let isClosing = false
  let isStopped = false
  let cancelTimer: (() => void) | undefined

  function write(pcm: Uint8Array): void {
    session.write(pcm)
    hasUnfinalized = true
  }

  function pump(): void {
    cancelTimer = undefined
    while (!isStopped) {
      const finalMs = finalizeAt[0] ?? Infinity
      if (finalMs <= atMs) {
        finalizeAt.shift()
        if (hasUnfinalized) session.finalize()
        hasUnfinalized = false
        continue
      }
      const toMs = Math.min(times.audioMs, atMs + PIECE_MS, finalMs)
      if (toMs <= atMs) break
      const isFull = session.bufferedMs >= AHEAD_MAX_MS
      if (isFull || bucket?.take(toMs - atMs, clock.nowMs()) === false) {
        cancelTimer = clock.after(PIECE_MS, pump)
        return
      }
      const pcm = replay.read(atMs, toMs)
      if (!pcm) return deps.onStarved()
      write(pcm)
      atMs = toMs
    }
    if (isClosing && !isStopped) void session.close()
  }

  pump()
  return {
    get waitingMs() {
      return times.audioMs - atMs + session.bufferedMs
    },
    add(pcm) {
      if (cancelTimer || isStopped) return
      write(pcm)
      atMs = times.audioMs
    },
    finalize() {
      if (finalizeAt.at(-1) !== times.audioMs) finalizeAt.push(times.audioMs)
      if (!cancelTimer) pump()
    },
    close() {
      isClosing = true
      if (!cancelTimer) pump()
    },
    stop() {
      isStopped = true
      cancelTimer?.()
    },
  }
}
