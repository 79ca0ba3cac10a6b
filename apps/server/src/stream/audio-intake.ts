import type { SessionEndReason } from '@saywire/protocol'
import { AUDIO_BURST_MS, AUDIO_MAX_RATE, BYTES_PER_MS } from '@saywire/protocol'
import { createTokenBucket, SpeechError } from '@saywire/speech'
import type { KeptLease } from '../billing/kept-lease.ts'
import type { AudioMeter } from './audio-meter.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamMeasures } from './stream-measures.ts'
import type { Upstream } from './upstream.ts'
import { createSampleJoiner } from './whole-samples.ts'
import { NO_CREDIT, NOT_OURS } from './wire-messages.ts'

/** A message of audio, however short, counts as so much: tiny ones cost more than they say. */
const MESSAGE_COST_MIN_MS = 2.5

/** One session's audio, from the client's messages to the speech backend. */
export interface AudioIntake {
  /** Of one message: not empty, else of any length. @param nowMs when it was heard */
  take(data: Buffer, nowMs: number): void
  /** Nothing is in the way of the client's next message. */
  isOpen(): boolean
  /** No audio is taken while this runs. */
  hold(work: Promise<void>): Promise<void>
  /**
   * The client comes back after `awayMs` and sends again what was on its way.
   * @returns from where, ms: all before it has arrived. The part of a ms that has, too, is skipped.
   */
  resume(awayMs: number): number
  /** Looks after a backend that is behind. To be called regularly. */
  update(nowMs: number): void
  /** Nothing more is taken. */
  stop(): void
}

export interface AudioIntakeDeps {
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly limits: StreamLimits
  readonly meter: AudioMeter
  readonly upstream: Upstream
  readonly lease: Pick<KeptLease, 'coveredMs' | 'extend'>
  readonly measures: Pick<StreamMeasures, 'received' | 'forwarded' | 'billed' | 'frame'>
  /** Called after audio has been forwarded. @param bufferedMs what waits for the backend now */
  readonly onForwarded: (bufferedMs: number) => void
  /** Whether the client's messages are wanted. */
  readonly listen: (on: boolean) => void
  readonly end: (reason: SessionEndReason, message: string) => void
  readonly fail: (error: SpeechError) => void
}

/** Audio is cut at the exact sample where its cover ends, and never awaits the database. */
export function createAudioIntake(deps: AudioIntakeDeps): AudioIntake {
  const { now, limits, meter, upstream, lease, measures } = deps
  // Audio that comes faster is a bug or somebody's credits burning, and it costs upstream either way.
  const rate = createTokenBucket(now(), { burst: AUDIO_BURST_MS, perMs: AUDIO_MAX_RATE })
  let toWholeSamples = createSampleJoiner()
  let skipBytes = 0
  /** Audio that waits for its cover; meanwhile the client is not read. */
  let uncovered: Buffer | undefined
  let holds = 0
  let stopped = false
  let unreadSinceMs: number | undefined
  /** Since when the backend is so far behind that the client is not read. */
  let behindSinceMs: number | undefined

  const isOpen = (): boolean =>
    holds === 0 && !uncovered && upstream.bufferedMs < limits.upstreamBufferMaxMs / 2

  function stopReading(): void {
    unreadSinceMs ??= now()
    deps.listen(false)
  }

  function read(): void {
    // What was spoken while we did not listen comes all at once, and is not too fast.
    if (unreadSinceMs !== undefined) rate.give(now() - unreadSinceMs)
    unreadSinceMs = undefined
    deps.listen(true)
  }

  /** Whole samples, up to the end of the cover; the rest waits for more. */
  function forward(audio: Buffer, arrivedAtMs: number): void {
    const billedBefore = meter.billedBytes
    const covered = meter.take(audio.byteLength, lease.coveredMs())
    if (covered > 0) upstream.write(audio.subarray(0, covered))
    measures.forwarded(covered)
    measures.billed(meter.billedBytes - billedBefore)
    const { bufferedMs } = upstream
    deps.onForwarded(bufferedMs)
    if (covered < audio.byteLength) return void awaitCover(audio.subarray(covered), arrivedAtMs)
    measures.frame(now() - arrivedAtMs)
    if (bufferedMs > limits.upstreamBufferMaxMs) {
      behindSinceMs ??= now()
      stopReading()
    }
  }

  async function awaitCover(rest: Buffer, arrivedAtMs: number): Promise<void> {
    uncovered = rest
    stopReading()
    const outcome = await lease.extend(meter.billedMs)
    uncovered = undefined
    if (stopped) return
    if (outcome === 'lost') return deps.end('lease_lost', NOT_OURS)
    if (outcome === 'dry') return deps.end('insufficient_credits', NO_CREDIT)
    forward(rest, arrivedAtMs)
    if (isOpen()) read()
  }

  return {
    take(data, nowMs) {
      const costMs = Math.max(data.byteLength / BYTES_PER_MS, MESSAGE_COST_MIN_MS)
      measures.received(data.byteLength)
      if (!rate.take(costMs, nowMs)) {
        deps.end('too_fast', 'Audio arrives faster than twice real time. Send it as spoken.')
        return
      }
      const audio = toWholeSamples(data)
      const skipped = Math.min(skipBytes, audio.byteLength)
      skipBytes -= skipped
      forward(audio.subarray(skipped), nowMs)
    },
    isOpen,
    async hold(work) {
      holds += 1
      stopReading()
      await work.catch(() => undefined)
      holds -= 1
      if (!stopped && isOpen()) read()
    },
    resume(awayMs) {
      toWholeSamples = createSampleJoiner()
      rate.give(awayMs)
      // What is credited here is not credited once more when the client is read again.
      unreadSinceMs = isOpen() ? undefined : now()
      const arrivedBytes = meter.positionBytes + (uncovered?.byteLength ?? 0)
      const fromMs = Math.floor(arrivedBytes / BYTES_PER_MS)
      skipBytes = arrivedBytes - fromMs * BYTES_PER_MS
      return fromMs
    },
    update(nowMs) {
      if (isOpen()) {
        behindSinceMs = undefined
        read()
      } else if (behindSinceMs !== undefined && nowMs - behindSinceMs > limits.upstreamStallMs) {
        deps.fail(
          new SpeechError('upstream_lost', 'The speech backend does not take audio any more.'),
        )
      }
    },
    stop() {
      stopped = true
    },
  }
}
