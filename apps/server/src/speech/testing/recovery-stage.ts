import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SpeechEvent, SpeechSession } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { onTestFinished } from 'vitest'
import type { RecoveryLimits } from '../recovering-engine.ts'
import { withRecovery } from '../recovering-engine.ts'
import type { UpstreamPoolOptions } from '../upstream-pool.ts'
import { createUpstreamPool } from '../upstream-pool.ts'

const BYTES_PER_MS = 32
const FRAME_MS = 20
/** Of the fake Deepgram's words. */
const WORD_MS = 100

/** Times of a session that runs `SPEED` times as fast as speech. */
export const SPEED = 10
export const fastLimits: RecoveryLimits = {
  replayMs: 60_000,
  giveUpAfterMs: 10_000,
  openTimeoutMs: 3000,
  watchdog: { silentAfterMs: 1500, stuckAfterMs: 1000 },
  tickMs: 20,
}

/**
 * Sound that a detector takes for speech, each tenth of a second of it different: syllables, and
 * half a second of silence after every four seconds.
 */
export function speechLike(durationMs: number, seed = 1): Buffer {
  const pcm = Buffer.alloc(durationMs * BYTES_PER_MS)
  let state = seed
  for (let sample = 0; sample < pcm.byteLength / 2; sample++) {
    const atMs = sample / 16
    if (atMs % 4500 >= 4000) continue
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const loudness = Math.sin((Math.PI * (atMs % 250)) / 250) ** 2
    const tone = Math.sin(2 * Math.PI * 440 * (sample / 16_000))
    const noise = state / 2 ** 31 - 1
    pcm.writeInt16LE(1 + Math.round(loudness * 6000 * (tone + noise)), sample * 2)
  }
  return pcm
}

/** What an unbroken run says: when each word begins, and what it sounds like. */
export function wordsIn(pcm: Buffer): string[] {
  const words: string[] = []
  for (let at = 0; at < pcm.byteLength; at += WORD_MS * BYTES_PER_MS) {
    const window = pcm.subarray(at, at + WORD_MS * BYTES_PER_MS)
    if (window.some((byte) => byte !== 0)) words.push(toWord(at / BYTES_PER_MS, hash(window)))
  }
  return words
}

/** The words of the finals. The fake names them by the position in its own stream as well. */
export function finalWords(events: readonly SpeechEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'final'
      ? event.words.map((word) => toWord(word.startMs, word.text.split('x')[1] ?? '?'))
      : [],
  )
}

const toWord = (startMs: number, sound: string): string => `${startMs}:${sound}`
const hash = (bytes: Uint8Array): string =>
  createHash('sha1').update(bytes).digest('hex').slice(0, 8)

/** Sessions that recover, over a fake Deepgram, and everything that they said. */
export function createRecoveringEngine(
  fake: FakeDeepgram,
  options: {
    readonly limits?: Partial<RecoveryLimits>
    readonly pool?: Partial<UpstreamPoolOptions>
    readonly pingMs?: number
  } = {},
) {
  const now = (): number => performance.now()
  const { pingMs = 400 } = options
  return withRecovery({
    engine: createDeepgramEngine({
      apiKey: fake.apiKey,
      url: fake.url,
      pingMs,
      keepAliveMs: 200,
      closeTimeoutMs: 1500,
    }),
    pool: createUpstreamPool({ max: 10, dialsMax: 10, waitMs: 200, now, ...options.pool }),
    now,
    random: Math.random,
    limits: { ...fastLimits, ...options.limits },
  })
}

export async function openSession(engine: ReturnType<typeof createRecoveringEngine>) {
  const abort = new AbortController()
  const config = { interim_results: true, endpointing: 200 }
  const session = await engine.open({ config }, abort.signal)
  const events: SpeechEvent[] = []
  const ended = (async () => {
    for await (const event of session.events) events.push(event)
  })()
  onTestFinished(async () => {
    abort.abort()
    await ended
  })
  return { session, events, ended, abort }
}

/** Speaks at `SPEED`, on time however late the timers are. */
export async function speak(session: SpeechSession, pcm: Buffer): Promise<void> {
  const beganMs = performance.now()
  for (let at = 0; at < pcm.byteLength;) {
    const dueMs = (performance.now() - beganMs) * SPEED
    for (; at < pcm.byteLength && at / BYTES_PER_MS <= dueMs; at += FRAME_MS * BYTES_PER_MS) {
      session.write(Uint8Array.from(pcm.subarray(at, at + FRAME_MS * BYTES_PER_MS)))
    }
    await sleep(5)
  }
}

/** The last figures of `usage`, in ms. */
export function usageOf(events: readonly SpeechEvent[]) {
  return events.findLast((event) => event.type === 'usage')
}
