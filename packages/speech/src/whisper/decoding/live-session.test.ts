import { describe, expect, it } from 'vitest'
import type { Decoded, DecodeOptions, WhisperModel } from '../library/whisper-binding.ts'
import { SESSION_CONFIG } from '../testing/session-config.ts'
import { joined, silence, voice } from '../testing/synthetic-audio.ts'
import type { WhisperEvent } from '../whisper-messages.ts'
import type { Pace } from './catch-up.ts'
import { createDecodeQueue } from './decode-queue.ts'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import { createLiveSession } from './live-session.ts'

const UTTERANCE_MS = 2000
const ONE_WORD: Decoded = {
  tokens: [{ text: ' word', p: 1, logp: 0, parts: 1, startMs: 0, endMs: 500 }],
  language: 'en',
}
/** A session on a decoder and a clock that move only when told. */
function setUp(waitingMaxMs?: number) {
  let nowMs = 0
  let finish: ((decoded: Decoded | undefined) => void) | undefined
  const decodes: DecodeOptions[] = []
  const model: WhisperModel = {
    async decode(_samples, options) {
      decodes.push(options)
      return new Promise((resolve) => (finish = resolve))
    },
    detectLanguage: async () => undefined,
    abort: () => finish?.(undefined),
    free() {},
  }
  const events: WhisperEvent[] = []
  const paces: Pace[] = []
  const unheardMs: number[] = []
  const onFailure = (error: unknown) => expect.unreachable(String(error))
  const queue = createDecodeQueue({ model, onFailure })
  const session = createLiveSession({
    config: SESSION_CONFIG,
    threads: 1,
    queue,
    detector: createEnergyVoiceDetector(),
    send: (event) => events.push(event),
    progress: () => undefined,
    onPace: (pace) => paces.push(pace),
    onUnheard: (durationMs) => unheardMs.push(durationMs),
    now: () => nowMs,
    ...(waitingMaxMs !== undefined && { waitingMaxMs }),
  })
  const settle = async () => new Promise((resolve) => setImmediate(resolve))
  return {
    decodes,
    paces,
    unheardMs,
    finals: () => events.filter((event) => event.type === 'final'),
    /** Another session has the decoder from now on, and does not give it back. */
    occupy() {
      const other = { nextInterim: () => undefined }
      queue.add(other)
      queue.final(other, {
        samples: new Float32Array(16_000),
        options: { language: 'en', threads: 1 },
        onDone: () => undefined,
      })
    },
    /** So much of an utterance, of which the decoder hears the same over and over. */
    async speak(durationMs: number, heard: Decoded) {
      const bytes = new Uint8Array(joined(voice(durationMs, 0.5)).buffer)
      for (let at = 0; at < bytes.length; at += 3200) {
        nowMs += 100
        session.write(bytes.subarray(at, at + 3200))
        await settle()
        finish?.(heard)
        await settle()
      }
    },
    /** One utterance and the pause after it, which take `tookMs` on the clock. */
    async say(tookMs: number) {
      const samples = joined(voice(UTTERANCE_MS, 0.5), silence(1000))
      const bytes = new Uint8Array(samples.buffer)
      for (let at = 0; at < bytes.length; at += 3200) {
        nowMs += (tookMs * 3200) / bytes.length
        session.write(bytes.subarray(at, at + 3200))
        await settle()
      }
    },
    async decoded(as = ONE_WORD) {
      finish?.(as)
      await settle()
    },
  }
}

describe('a session that falls behind', () => {
  it('has only finals, each decoded once and in a window as long as its speech, and drops none', async () => {
    const { say, decoded, decodes, paces, finals } = setUp()
    for (let i = 0; i < 4; i++) await say(3000)
    expect(paces).toEqual(['finals-only'])
    for (let i = 0; i < 5; i++) await decoded()
    expect(finals()).toHaveLength(4)
    expect(decodes.length).toBeLessThanOrEqual(5)
    const windows = decodes.slice(-4).map(({ audioCtx }) => audioCtx ?? 0)
    expect(windows.every((window) => window > 0 && window < 300)).toBe(true)
  })

  it('is not behind where a file is read in no time', async () => {
    const { say, paces } = setUp()
    for (let i = 0; i < 10; i++) await say(100)
    expect(paces).toEqual([])
  })

  it('gives up its oldest speech beyond the bound, and says how much', async () => {
    const { say, decoded, unheardMs, finals } = setUp(3 * (UTTERANCE_MS + 500))
    for (let i = 0; i < 5; i++) await say(3000)
    expect(unheardMs.length).toBeGreaterThanOrEqual(2)
    expect(unheardMs.every((ms) => ms >= UTTERANCE_MS && ms < UTTERANCE_MS + 1200)).toBe(true)
    for (let i = 0; i < 6; i++) await decoded()
    // The one that was being decoded, and the newest.
    expect(finals()).toHaveLength(5 - unheardMs.length)
    expect(finals()[0]?.startMs).toBeLessThan(UTTERANCE_MS)
    expect(finals().at(-1)?.startMs).toBeGreaterThan(4 * UTTERANCE_MS)
  })

  it('ends with what it has committed of the speech that it gives up', async () => {
    const { say, speak, occupy, unheardMs, finals } = setUp(UTTERANCE_MS + 1500)
    const token = (text: string, startMs: number) =>
      ({ text, p: 1, logp: 0, parts: 1, startMs, endMs: startMs + 250 }) as const
    const tokens = [token(' it', 0), token(' was', 250), token(' said', 500), token(' here', 750)]
    await speak(UTTERANCE_MS, { ...ONE_WORD, tokens })
    occupy()
    await say(3000)
    expect(unheardMs).toHaveLength(1)
    expect(finals()).toMatchObject([
      { startMs: expect.any(Number), text: expect.stringMatching(/^it was/) },
    ])
  })
})
