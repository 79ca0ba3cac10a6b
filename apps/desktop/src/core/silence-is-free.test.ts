import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Word } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { createManagedEngine } from '@saywire/speech/managed'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createServerClient } from '../account/server-client.ts'
import type { StartedServer } from '../testing/start-server.ts'
import { startServer } from '../testing/start-server.ts'
import { startSession } from './session-runner.ts'
import { withSilenceGate } from './silence-gate.ts'
import { createManualSource } from './testing/manual-source.ts'

const FRAME_MS = 20
const SOON = { timeout: 60_000, interval: 50 }
/** What may be sent beside speech: its end, a second of hangover, and the pre-roll before it. */
const AROUND_SPEECH_MS = 1200 + 700

/** Loud noise: the fake hears a word in each tenth of a second of it. */
function speech(ms: number): Uint8Array {
  let state = 1
  return new Uint8Array(msToBytes(ms)).map(() => {
    state = Math.imul(state, 1_103_515_245) + 12_345
    return (state >>> 16) & 0xff
  })
}

const silence = (ms: number) => new Uint8Array(msToBytes(ms))

interface Span {
  startMs: number
  endMs: number
}

describe('silence on a managed server', { timeout: 120_000 }, () => {
  let folder = ''
  let deepgram: FakeDeepgram
  let server: StartedServer
  let token = ''
  beforeAll(async () => {
    // World-readable above it: as root, PostgreSQL runs as another user.
    folder = await mkdtemp(join(tmpdir(), 'saywire-silence-'))
    // Its time without audio or KeepAlive is Deepgram's own, 10 s.
    deepgram = await startFakeDeepgram()
    server = await startServer(join(folder, 'server data'), {
      DEEPGRAM_API_KEY: deepgram.apiKey,
      DEEPGRAM_URL: deepgram.url,
    })
    const login = { email: 'streamer@example.org', password: 'correct horse' }
    const answer = await createServerClient(server.url).auth.register.mutate(login)
    token = answer.access_token
  }, 180_000)
  afterAll(async () => {
    await server?.stop()
    await deepgram?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const balanceMs = async () => {
    const balance = await createServerClient(server.url, async () => token).billing.balance.query()
    return balance.balance_ms
  }

  interface Talk {
    say(pcm: Uint8Array): void
    readonly deepgram: FakeDeepgram
  }

  /** One session of the managed engine, and what it said and cost. */
  async function caption(isGated: boolean, talk: (talk: Talk) => Promise<void> | void) {
    const before = await balanceMs()
    const manual = createManualSource()
    const words: Word[] = []
    const session = startSession({
      engine: createManagedEngine({ serverUrl: server.url, getToken: async () => token }),
      source: withSilenceGate(manual.source, { enabled: isGated }),
      config: { interim_results: true, endpointing: 300 },
      sinks: [{ onEvent: (event) => void (event.type === 'final' && words.push(...event.words)) }],
      onNotice: () => undefined,
    })
    const listener = await vi.waitUntil(() => manual.listener, SOON)
    await talk({
      deepgram,
      say(pcm) {
        for (let at = 0; at < pcm.byteLength; at += msToBytes(FRAME_MS)) {
          listener.onAudio(pcm.slice(at, at + msToBytes(FRAME_MS)))
        }
      },
    })
    manual.end()
    const outcome = await session.finished
    await vi.waitUntil(() => deepgram.openCount === 0, SOON)
    return { outcome, spans: spansOf(words), billedMs: before - (await balanceMs()) }
  }

  it('costs nothing for a minute, neither the user nor at Deepgram', async () => {
    const run = await caption(true, ({ say }) => say(silence(60_000)))
    expect(run).toEqual({ outcome: { kind: 'completed' }, spans: [], billedMs: 0 })
    expect(deepgram.connections.at(-1)?.audioBytes ?? 0).toBe(0)
  })

  it('between sentences costs no sound, no time and little else', async () => {
    const sentences = [speech(2000), speech(3000), speech(400)]
    const talk = ({ say }: Talk) => {
      say(silence(2000))
      for (const sentence of sentences) {
        say(sentence)
        say(silence(5000))
      }
    }
    const whole = await caption(false, talk)
    const gated = await caption(true, talk)
    const wanted = [
      { startMs: 2000, endMs: 4000 },
      { startMs: 9000, endMs: 12_000 },
      { startMs: 17_000, endMs: 17_400 },
    ]
    expect(whole).toMatchObject({ spans: wanted, billedMs: 22_400 })
    expect(gated.billedMs).toBeLessThanOrEqual(5400 + 3 * AROUND_SPEECH_MS)
    const heard = deepgram.connections.at(-1)?.audio
    for (const sentence of sentences) expect(heard?.includes(Buffer.from(sentence))).toBe(true)
    expect(gated.spans).toHaveLength(wanted.length)
    for (const [i, { startMs, endMs }] of wanted.entries()) {
      // The fake hears in tenths of a second, and a word may begin or end with a part of one.
      expect(Math.abs((gated.spans[i]?.startMs ?? 0) - startMs)).toBeLessThan(100)
      expect(Math.abs((gated.spans[i]?.endMs ?? 0) - endMs)).toBeLessThan(100)
    }
  })

  it('keeps its session and its stream for longer than either waits for audio', async () => {
    const streams = deepgram.connections.length
    const run = await caption(true, async ({ say }) => {
      say(speech(1000))
      say(silence(30_000))
      await sleep(12_000)
      say(speech(1000))
    })
    expect(run.spans).toHaveLength(2)
    expect(deepgram.connections).toHaveLength(streams + 1)
    const kept = deepgram.connections.at(-1)?.messages.filter(({ type }) => type === 'KeepAlive')
    expect(kept?.length).toBeGreaterThanOrEqual(2)
  })
})

/** From the first to the last word of what is said without a pause. */
function spansOf(words: readonly Word[]): Span[] {
  const spans: Span[] = []
  for (const { startMs, endMs } of words) {
    const last = spans.at(-1)
    if (last && startMs - last.endMs < 1000) last.endMs = endMs
    else spans.push({ startMs, endMs })
  }
  return spans
}
