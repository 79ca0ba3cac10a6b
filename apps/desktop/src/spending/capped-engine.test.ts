import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpeechEvent, SpeechSession } from '@saywire/speech'
import { bytesToMs, msToBytes } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createScriptedEngine, startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCappedEngine } from './capped-engine.ts'
import type { SpendCaps } from './spend-caps.ts'
import type { SpendLedger } from './spend-ledger.ts'
import { openSpendLedger } from './spend-ledger.ts'

const NONE: SpendCaps = { sessionMinutes: null, dayMinutes: null, monthMinutes: null }
const SOON = { timeout: 20_000, interval: 1 }
const FRAME = () => new Uint8Array(msToBytes(20)).fill(7)

describe('a cloud engine within limits', () => {
  let folder = ''
  let ledger: SpendLedger
  let caps = NONE
  let spentMs = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-capped-'))
    caps = { ...NONE, sessionMinutes: 1 }
    ledger = await openSpendLedger({
      file: join(folder, 'spending.json'),
      caps: () => caps,
      publish: (view) => (spentMs = view.sessionMs),
      onNear: () => undefined,
      onRelief: () => undefined,
      onProblem: () => undefined,
      now: () => 0,
    })
  })
  afterEach(async () => {
    await ledger.close()
    await rm(folder, { recursive: true, force: true })
  })

  const read = (session: SpeechSession) => {
    const events: SpeechEvent[] = []
    const over = (async () => {
      for await (const event of session.events) events.push(event)
    })()
    return { events, over }
  }
  const signal = () => new AbortController().signal

  it('sends not one frame more than the limit to a real socket, then fails with the reason', async () => {
    await using fake = await startFakeDeepgram()
    const engine = createCappedEngine(
      createDeepgramEngine({ apiKey: fake.apiKey, url: fake.url }),
      ledger,
    )
    const session = await engine.open({ config: {} }, signal())
    const { events, over } = read(session)
    const arrivedMs = () => bytesToMs(fake.connections[0]?.audioBytes ?? 0)
    for (let frames = 0; frames < 2925; frames++) {
      session.write(FRAME())
      if (frames % 100 === 0) await expect.poll(arrivedMs, SOON).toBeGreaterThan(frames * 20 - 200)
    }
    // In one go over the limit.
    for (let frames = 0; frames < 100; frames++) session.write(FRAME())
    await over
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'spend_cap_reached' } })
    expect(arrivedMs()).toBeGreaterThan(55_000)
    expect(arrivedMs()).toBeLessThanOrEqual(60_000)
    // What has left counts, though nobody has read yet that it was sent.
    expect(spentMs + 1000).toBeGreaterThanOrEqual(arrivedMs())
    expect(spentMs).toBeGreaterThanOrEqual(59_000)
    expect(ledger.reached()).toMatchObject({ code: 'spend_cap_reached' })
    await expect(engine.open({ config: {} }, signal())).rejects.toMatchObject({
      code: 'spend_cap_reached',
    })
    expect(fake.connections).toHaveLength(1)
  })

  it('counts what the engine says was accepted, and passes all else on', async () => {
    const scripted = createScriptedEngine({})
    const session = await createCappedEngine(scripted, ledger).open({ config: {} }, signal())
    const { events, over } = read(session)
    session.write(FRAME())
    scripted.sessions[0]?.emit({ type: 'usage', audioMs: 20_000 })
    scripted.sessions[0]?.emit({ type: 'usage', audioMs: 24_000 })
    await session.close()
    await over
    expect(events.slice(0, 2)).toEqual([
      { type: 'usage', audioMs: 20_000 },
      { type: 'usage', audioMs: 24_000 },
    ])
    expect(spentMs).toBe(24_000)
    expect(scripted.sessions[0]?.writtenBytes).toBe(640)
  })

  it('stops at the next frame where the limit is set below what was used already', async () => {
    const scripted = createScriptedEngine({})
    const session = await createCappedEngine(scripted, ledger).open({ config: {} }, signal())
    const { events } = read(session)
    for (let frames = 0; frames < 2000; frames++) session.write(FRAME())
    scripted.sessions[0]?.emit({ type: 'usage', audioMs: 40_000 })
    await expect.poll(() => spentMs).toBe(40_000)
    caps = { ...NONE, monthMinutes: 1 }
    ledger.check()
    session.write(FRAME())
    expect(scripted.sessions[0]?.writtenBytes).toBe(2001 * 640)
    scripted.sessions[0]?.emit({ type: 'usage', audioMs: 40_020 })
    caps = { ...NONE, dayMinutes: 0.5 }
    ledger.check()
    session.write(FRAME())
    await expect.poll(() => events.at(-1)).toMatchObject({ error: { code: 'spend_cap_reached' } })
    expect(scripted.sessions[0]?.writtenBytes).toBe(2001 * 640)
  })

  it('goes on counting where a lost session is resumed, and asks the engine for its own one', async () => {
    const scripted = createScriptedEngine({})
    const resumed: unknown[] = []
    const engine = createCappedEngine(
      {
        async open(options, abort) {
          resumed.push(options.resume?.session)
          const session = await scripted.open(options, abort)
          if (!options.resume) return session
          // The accessors of the session, and where it goes on.
          return Object.create(session, { resumedFromMs: { value: 30_000 } }) as SpeechSession
        },
      },
      ledger,
    )
    const first = await engine.open({ config: {} }, signal())
    void read(first)
    scripted.sessions[0]?.emit({ type: 'usage', audioMs: 40_000 })
    await expect.poll(() => spentMs).toBe(40_000)
    const resume = { session: first, horizonMs: 30_000 }
    const next = await engine.open({ config: {}, resume }, signal())
    expect(resumed).toEqual([undefined, scripted.sessions[0]])
    expect(next.resumedFromMs).toBe(30_000)
    const { events } = read(next)
    // What was accepted before is written again, and is free: half a minute is left, not ten seconds.
    for (let frames = 0; frames < 1500; frames++) next.write(FRAME())
    expect(scripted.sessions[1]?.writtenBytes).toBe(1500 * 640)
    next.write(FRAME())
    await expect.poll(() => events.at(-1)).toMatchObject({ error: { code: 'spend_cap_reached' } })
  })

  it('drops everything at once where it is given up', async () => {
    const scripted = createScriptedEngine({})
    const abort = new AbortController()
    const session = await createCappedEngine(scripted, ledger).open({ config: {} }, abort.signal)
    const { events, over } = read(session)
    abort.abort()
    await over
    expect(events).toEqual([])
  })
})
