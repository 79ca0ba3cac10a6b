import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpeechEvent, Word } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { createManagedEngine } from '@saywire/speech/managed'
import type { FakeDeepgram, ScriptedWord, TcpCutter } from '@saywire/speech/testing'
import {
  createScriptedTranscriber,
  startFakeDeepgram,
  startTcpCutter,
  writeScript,
} from '@saywire/speech/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ServerClient } from '../account/server-client.ts'
import { createServerClient } from '../account/server-client.ts'
import type { StartedServer } from '../testing/start-server.ts'
import { startServer } from '../testing/start-server.ts'
import { startSession } from './session-runner.ts'
import { createManualSource } from './testing/manual-source.ts'

const FRAME_MS = 20
const WAIT = { timeout: 30_000, interval: 20 }

describe('a session on a real server', { timeout: 180_000 }, () => {
  const script = writeScript({ seed: 7, durationMs: 15_000 })
  let folder = ''
  let deepgram: FakeDeepgram
  let server: StartedServer
  let network: TcpCutter
  let token = ''
  let account: ServerClient

  beforeAll(async () => {
    // World-readable above it: as root, PostgreSQL runs as another user.
    folder = await mkdtemp(join(tmpdir(), 'saywire-session-managed-'))
    deepgram = await startFakeDeepgram({ transcribe: createScriptedTranscriber, latencyMs: 50 })
    server = await startServer(join(folder, 'server'), {
      DEEPGRAM_URL: deepgram.url,
      DEEPGRAM_API_KEY: deepgram.apiKey,
    })
    network = await startTcpCutter({ port: Number(new URL(server.url).port) })
    const login = { email: 'streamer@example.org', password: 'correct horse' }
    token = (await createServerClient(server.url).auth.register.mutate(login)).access_token
    account = createServerClient(server.url, async () => token)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await network?.[Symbol.asyncDispose]()
    await deepgram?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** Says the script as fast as the server takes it, and does something to the network meanwhile. */
  async function caption(strikes: readonly { readonly atMs: number; strike(): void }[]) {
    const manual = createManualSource()
    const words: Word[] = []
    let usageMs = 0
    const onEvent = (event: SpeechEvent) => {
      if (event.type === 'final') words.push(...event.words)
      if (event.type === 'usage') usageMs = event.audioMs
    }
    const session = startSession({
      engine: createManagedEngine({
        serverUrl: `http://127.0.0.1:${network.port}`,
        getToken: async () => token,
      }),
      source: manual.source,
      config: { interim_results: true },
      sinks: [{ onEvent }],
      onNotice: () => undefined,
      recovers: true,
    })
    const listener = await vi.waitUntil(() => manual.listener, WAIT)
    const left = [...strikes]
    for (let atMs = 0; atMs < script.durationMs; atMs += FRAME_MS) {
      listener.onAudio(script.pcm.slice(msToBytes(atMs), msToBytes(atMs + FRAME_MS)))
      if (atMs % 500 === 0) await vi.waitUntil(() => listener.bufferedMs() < 1000, WAIT)
      if (atMs >= (left[0]?.atMs ?? Infinity)) left.shift()?.strike()
    }
    manual.end()
    const outcome = await session.finished
    return { outcome, words: words.map(asScripted), usageMs }
  }

  it('that is cut in the middle of speech has the words of an unbroken one, one row and one bill', async () => {
    const whole = await caption([])
    expect(whole.outcome).toEqual({ kind: 'completed' })
    expect(whole.words).toEqual(script.words)

    const before = (await account.account.sessions.query({})).sessions.length
    const reset = () => void network.strike({ action: 'reset' })
    const cut = await caption([
      { atMs: 2500, strike: reset },
      { atMs: 6010, strike: () => void network.strike({ action: 'end' }) },
      {
        atMs: 9300,
        strike() {
          network.strike({ action: 'half-open', direction: 'down' })
          setTimeout(reset, 400)
        },
      },
    ])
    expect(cut.outcome).toEqual({ kind: 'completed' })
    expect(cut.words).toEqual(whole.words)
    expect(cut.usageMs).toBe(script.durationMs)
    const { sessions } = await account.account.sessions.query({})
    expect(sessions.length - before).toBe(1)
    expect(sessions.slice(0, 2).map(({ used_ms: usedMs }) => usedMs)).toEqual([
      script.durationMs,
      script.durationMs,
    ])
  })
})

/** Without the capitals and commas that the server asks for. */
function asScripted({ text, startMs, endMs }: Word): ScriptedWord {
  return { text: text.toLowerCase().replace(/\W/g, ''), startMs, endMs }
}
