import type { FakeDeepgramFault } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import {
  createRecoveringEngine,
  finalWords,
  openSession,
  speak,
  speechLike,
  usageOf,
  wordsIn,
} from './testing/recovery-stage.ts'

const SPEECH_MS = 15_000
const POSITIONS = 4

/** Seeded: the same positions in every run, without a pattern of their own. */
function positions(seed: number): number[] {
  return Array.from({ length: POSITIONS }, (_, i) => {
    const part = (Math.imul(seed * POSITIONS + i + 1, 2_654_435_761) >>> 0) / 2 ** 32
    return Math.round(400 + part * (SPEECH_MS - 1500))
  })
}

/** A session that recovers, over a fake Deepgram of its own. */
async function start(options: Parameters<typeof createRecoveringEngine>[1] = {}) {
  const fake = await startFakeDeepgram()
  onTestFinished(async () => fake[Symbol.asyncDispose]())
  return { fake, ...(await openSession(createRecoveringEngine(fake, options))) }
}

const GARBAGE = Array.from({ length: 101 }, () => '{"type":"Results"}')
const HUGE = [JSON.stringify({ type: 'Results', padding: 'x'.repeat(2 * 1024 * 1024) })]

type StreamFault = Extract<FakeDeepgramFault, { on: 'audio' }>

/** What the provider does in mid-stream, and how it then treats those who come again. */
const FAULTS: readonly {
  readonly what: string
  readonly fault: StreamFault
  readonly dials?: readonly FakeDeepgramFault[]
}[] = [
  { what: 'is closed with 1008', fault: { on: 'audio', action: 'close', code: 1008 } },
  { what: 'is closed with 1011', fault: { on: 'audio', action: 'close', code: 1011 } },
  { what: 'is closed with 1000 unasked', fault: { on: 'audio', action: 'close', code: 1000 } },
  { what: 'is reset', fault: { on: 'audio', action: 'drop' } },
  { what: 'neither reads nor says anything', fault: { on: 'audio', action: 'stall' } },
  { what: 'reads on and says nothing', fault: { on: 'audio', action: 'mute' } },
  { what: 'says nonsense', fault: { on: 'audio', action: 'say', messages: GARBAGE } },
  { what: 'says something huge', fault: { on: 'audio', action: 'say', messages: HUGE } },
  {
    what: 'is reset, and then refused three times,',
    fault: { on: 'audio', action: 'drop' },
    dials: refusals(3, 503),
  },
  {
    what: 'is reset by a provider that is then full for a second',
    fault: { on: 'audio', action: 'drop' },
    dials: refusals(1, 429, 1),
  },
  {
    what: 'is reset by a provider that does not answer the next dial',
    fault: { on: 'audio', action: 'drop' },
    dials: [{ on: 'connect', action: 'hang' }],
  },
  {
    what: 'is reset by a provider that resets the next dial',
    fault: { on: 'audio', action: 'drop' },
    dials: [{ on: 'connect', action: 'drop' }],
  },
]

function refusals(count: number, status: number, retryAfterS?: number): FakeDeepgramFault[] {
  const retry = retryAfterS === undefined ? {} : { retryAfterS }
  return Array.from({ length: count }, () => ({
    on: 'connect',
    action: 'refuse',
    status,
    ...retry,
  }))
}

describe('a stream that', { timeout: 60_000 }, () => {
  it.each(FAULTS)(
    '$what is replaced: each word comes once, in order, and is paid for once',
    async ({ what, fault, dials = [] }) => {
      await Promise.all(
        positions(what.length).map(async (afterMs) => {
          // Made first: it takes long, and whoever dials meanwhile would not be answered.
          const pcm = speechLike(SPEECH_MS, afterMs)
          const { fake, session, events, ended } = await start()
          fake.faults.push({ ...fault, afterMs }, ...dials)
          await speak(session, pcm)
          await session.close()
          await ended
          expect(finalWords(events), `at ${afterMs} ms`).toEqual(wordsIn(pcm))
          expect(usageOf(events)).toMatchObject({ audioMs: SPEECH_MS })
          const told = events.map(({ type }) => type)
          expect(told.filter((type) => type === 'reconnecting')).toHaveLength(1)
          expect(told.filter((type) => type === 'recovered')).toHaveLength(1)
        }),
      )
    },
  )
})

describe('a session whose stream was lost', { timeout: 30_000 }, () => {
  it('does not say twice what the lost stream repeats', async () => {
    const { fake, session, events, ended } = await start()
    fake.faults.push(
      { on: 'audio', afterMs: 500, action: 'repeat-finals' },
      { on: 'audio', afterMs: 7000, action: 'drop' },
    )
    const pcm = speechLike(SPEECH_MS)
    await speak(session, pcm)
    await session.close()
    await ended
    expect(finalWords(events)).toEqual(wordsIn(pcm))
  })

  it.each(['drop', 'mute', 'stall'] as const)(
    'gets its last words when the stream ends by `%s` in answer to CloseStream',
    async (action) => {
      const { fake, session, events, ended } = await start()
      fake.faults.push({ on: 'close-stream', action })
      const pcm = speechLike(3700)
      await speak(session, pcm)
      await session.close()
      await ended
      expect(finalWords(events)).toEqual(wordsIn(pcm))
      expect(events.filter(({ type }) => type === 'error')).toEqual([])
    },
  )

  it('goes on through one loss after the other, and its figures agree with the receipt', async () => {
    const { fake, session, events, ended } = await start()
    for (const afterMs of [4000, 2000, 2500]) {
      fake.faults.push({ on: 'audio', afterMs, action: 'drop' })
    }
    const pcm = speechLike(SPEECH_MS)
    await speak(session, pcm)
    await session.close()
    await ended
    expect(finalWords(events)).toEqual(wordsIn(pcm))
    const { audioMs = 0, replayedMs = 0 } = usageOf(events) ?? {}
    expect(audioMs).toBe(SPEECH_MS)
    expect(replayedMs).toBeGreaterThan(0)
    const receipt = events.find((event) => event.type === 'receipt')
    expect(receipt?.audioMs).toBe(audioMs + replayedMs)
  })

  it('asks again for the final that it was asked for', async () => {
    const { fake, session, events } = await start()
    fake.faults.push({ on: 'audio', afterMs: 300, action: 'mute' })
    const pcm = speechLike(2500)
    await speak(session, pcm)
    session.finalize()
    await vi.waitFor(() => expect(finalWords(events)).toEqual(wordsIn(pcm)), patient)
  })

  it.each([
    ['refused for good', refusals(1, 401), 'unauthenticated', 1],
    ['not to be had in time', refusals(20, 503), 'upstream_lost', 1500],
    ['full for longer than anybody waits', refusals(1, 429, 60), 'upstream_lost', 1],
  ])('fails with its horizon where another is %s', async (_what, dials, code, afterMs) => {
    const { fake, session, events, ended } = await start({ limits: { giveUpAfterMs: 2000 } })
    fake.faults.push({ on: 'audio', afterMs: 6000, action: 'drop' }, ...dials)
    await speak(session, speechLike(7000))
    const spokenAtMs = performance.now()
    await ended
    const lastFinal = events.findLast((event) => event.type === 'final')
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { code, resumeFromMs: lastFinal?.endMs },
    })
    expect(performance.now() - spokenAtMs).toBeLessThan(afterMs + 3000)
  })

  it('is given up where every stream breaks at once, although each opens', async () => {
    const { fake, session, events, ended } = await start({ limits: { giveUpAfterMs: 2000 } })
    // One for each message of audio.
    for (let i = 0; i < 400; i++) fake.faults.push({ on: 'audio', action: 'close', code: 1008 })
    session.write(speechLike(1000))
    await ended
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_lost', resumeFromMs: 0 } })
    expect(fake.connections.length).toBeLessThan(12)
  })

  it('is not replaced in silence, nor where there are sounds without words', async () => {
    const { fake, session, events } = await start()
    await speak(session, Buffer.concat([speechLike(2000), Buffer.alloc(32 * 30_000)]))
    expect(fake.connections).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'reconnecting')).toEqual([])
  })
})
