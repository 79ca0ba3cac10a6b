import type { Word } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import type { FakeDeepgram, FakeDeepgramFault } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { describe, expect, it, vi } from 'vitest'
import { startSession } from './session-runner.ts'
import { createManualSource } from './testing/manual-source.ts'

const FRAME_MS = 20
const IDLE_TIMEOUT_MS = 1500
const WAIT = { timeout: 20_000, interval: 20 }

/** Sentences of noise with pauses: the fake hears a word in each tenth of a second of noise. */
function speech(ms: number): Uint8Array {
  const pcm = new Uint8Array(msToBytes(ms))
  let state = 1
  for (let at = 0; at < pcm.byteLength; at++) {
    state = Math.imul(state, 1_103_515_245) + 12_345
    const isPause = (at / 32) % 4300 > 3800
    pcm[at] = isPause ? 0 : (state >>> 16) & 0xff
  }
  return pcm
}

/** What the fake makes of a stretch of audio, without what depends on where its stream began. */
const heardAt = ({ text, startMs, endMs }: Word) => ({ sound: text.split('x')[1], startMs, endMs })

interface Talk {
  readonly session: ReturnType<typeof startSession>
  readonly fake: FakeDeepgram
  say(pcm: Uint8Array): void
}

/** A session with the real Deepgram engine against a local server, and the words that came. */
async function caption(faults: readonly FakeDeepgramFault[], talk: (talk: Talk) => Promise<void>) {
  await using fake = await startFakeDeepgram({ idleTimeoutMs: IDLE_TIMEOUT_MS })
  fake.faults.push(...faults)
  const { url, apiKey } = fake
  const manual = createManualSource()
  const words: Word[] = []
  const session = startSession({
    engine: createDeepgramEngine({ apiKey, url, keepAliveMs: 300 }),
    source: manual.source,
    config: { interim_results: true },
    sinks: [{ onEvent: (event) => void (event.type === 'final' && words.push(...event.words)) }],
    onNotice: () => undefined,
    recovers: true,
  })
  const listener = await vi.waitUntil(() => manual.listener, WAIT)
  const say = (pcm: Uint8Array) => {
    for (let at = 0; at < pcm.byteLength; at += msToBytes(FRAME_MS)) {
      listener.onAudio(pcm.slice(at, at + msToBytes(FRAME_MS)))
    }
  }
  await talk({ session, fake, say })
  manual.end()
  const outcome = await session.finished
  const audioBytes = fake.connections.map((connection) => connection.audioBytes)
  return { outcome, words: words.map(heardAt), audioBytes }
}

describe('a session with Deepgram', { timeout: 60_000 }, () => {
  it('hears every word once, at its time, over connections cut in the middle of speech', async () => {
    const whole = await caption([], async ({ say }) => say(speech(15_000)))
    expect(whole.words.length).toBeGreaterThan(100)
    const cut = await caption(
      [
        { on: 'audio', afterMs: 2550, action: 'drop' },
        { on: 'connect', action: 'refuse', status: 503 },
        { on: 'audio', afterMs: 5140, action: 'close', code: 1011 },
        { on: 'audio', afterMs: 7000, action: 'drop' },
      ],
      async ({ session, fake, say }) => {
        say(speech(15_000))
        // Reconnecting may be over before it is seen.
        const isBack = () =>
          fake.faults.length === 0 &&
          fake.connections.at(-1)?.closed === undefined &&
          session.status.indicator.kind === 'listening'
        await vi.waitUntil(isBack, WAIT)
      },
    )
    expect(cut.audioBytes.length).toBeGreaterThanOrEqual(3)
    expect(cut.outcome).toEqual({ kind: 'completed' })
    expect(cut.words).toEqual(whole.words)
  })

  it('keeps its connection while it is muted, and sends no sound on it', async () => {
    const mutedMs = 2 * IDLE_TIMEOUT_MS
    const { words, audioBytes } = await caption([], async ({ session, say }) => {
      say(speech(1000))
      session.mute(true)
      say(speech(mutedMs))
      await new Promise((resolve) => setTimeout(resolve, mutedMs))
      session.mute(false)
      say(speech(1000))
    })
    expect(audioBytes).toEqual([msToBytes(2000)])
    expect(words.map(({ startMs }) => startMs)).toEqual(
      [0, mutedMs + 1000].flatMap((fromMs) =>
        Array.from({ length: 10 }, (_, i) => fromMs + i * 100),
      ),
    )
  })
})
