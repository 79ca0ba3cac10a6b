import type { SpeechEvent } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { ScriptedEngineOptions } from '@saywire/speech/testing'
import { createScriptedEngine } from '@saywire/speech/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import type { RecoveryLimits } from './recovering-engine.ts'
import { withRecovery } from './recovering-engine.ts'
import { fastLimits } from './testing/recovery-stage.ts'
import { createUpstreamPool } from './upstream-pool.ts'

const now = (): number => performance.now()
const LOST = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const second = (n: number): Uint8Array => new Uint8Array(32_000).fill(n)

/** A session over backends that do what the test says. */
async function start(limits: Partial<RecoveryLimits> = {}, options: ScriptedEngineOptions = {}) {
  const backends = createScriptedEngine(options)
  const engine = withRecovery({
    engine: backends,
    pool: createUpstreamPool({ max: 1, dialsMax: 1, waitMs: 200, now }),
    now,
    random: () => 0,
    limits: { ...fastLimits, ...limits },
  })
  const abort = new AbortController()
  const session = await engine.open({ config: {}, startMs: 10_000 }, abort.signal)
  const events: SpeechEvent[] = []
  const ended = (async () => {
    for await (const event of session.events) events.push(event)
  })()
  onTestFinished(async () => {
    abort.abort()
    await ended
  })
  const backend = async (n: number) =>
    vi.waitUntil(() => backends.sessions[n], { timeout: 5000, interval: 5 })
  return { backends, engine, session, events, ended, abort, backend }
}

const final = (startMs: number, endMs: number, ...texts: string[]): SpeechEvent => {
  const wordMs = (endMs - startMs) / texts.length
  const words = texts.map((text, i) => ({
    text,
    startMs: startMs + i * wordMs,
    endMs: startMs + (i + 1) * wordMs,
    confidence: 1,
  }))
  const text = texts.join(' ')
  return { type: 'final', text, words, startMs, endMs, confidence: 1, speechFinal: true }
}

test('a backend that takes none of what waits for it is replaced', async () => {
  const { session, backend, events } = await start()
  ;(await backend(0)).bufferedMs = 2000
  session.write(second(1))
  await backend(1)
  await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('recovered'), patient)
})

test('a dial that is not answered is given up, and another is made', async () => {
  let dials = 0
  const whenReady = async (): Promise<void> => {
    dials += 1
    if (dials === 2) await new Promise(() => undefined)
  }
  const { backends, events } = await start({ openTimeoutMs: 100 }, { whenReady })
  backends.sessions[0]?.emit({ type: 'error', error: LOST })
  await vi.waitFor(() => expect(events.at(-1)?.type).toBe('recovered'), patient)
  expect(dials).toBe(3)
})

test('only words after the horizon come from a replacement, on the clock of the session', async () => {
  const { session, backend, events } = await start()
  for (const n of [1, 2, 3]) session.write(second(n))
  const first = await backend(0)
  first.emit(final(10_000, 12_000, 'one', 'two'))
  first.emit({ type: 'error', error: LOST })
  const next = await backend(1)
  expect(next.options.startMs).toBe(11_700)
  expect(Buffer.concat(next.written).byteLength / 32).toBe(1300)
  next.emit(final(11_700, 13_000, 'two', 'three', 'four'))
  await vi.waitFor(
    () => expect(events.filter(({ type }) => type === 'final')).toHaveLength(2),
    patient,
  )
  expect(events.at(-1)).toMatchObject({ text: 'three four', startMs: 12_000, endMs: 13_000 })
})

test('a late word of a backend that was given up is not heard', async () => {
  const { session, backend, events } = await start()
  session.write(second(1))
  const first = await backend(0)
  first.bufferedMs = 2000
  await backend(1)
  first.emit(final(10_000, 11_000, 'late'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(events.filter(({ type }) => type === 'final')).toEqual([])
})

test('audio waits while there is no backend, and counts as taken once one has it', async () => {
  let open = (): void => undefined
  let dials = 0
  const whenReady = async (): Promise<void> => {
    dials += 1
    if (dials > 1) await new Promise<void>((resolve) => (open = resolve))
  }
  const { session, backend, events } = await start({ openTimeoutMs: 5000 }, { whenReady })
  session.write(second(1))
  expect(session.bufferedMs).toBe(0)
  ;(await backend(0)).emit({ type: 'error', error: LOST })
  await vi.waitFor(() => expect(dials).toBe(2), patient)
  session.write(second(2))
  expect(session.bufferedMs).toBe(1000)
  open()
  await vi.waitFor(() => expect(events.at(-1)?.type).toBe('recovered'), patient)
  expect(session.bufferedMs).toBe(0)
  await session.close()
  expect(events.findLast(({ type }) => type === 'usage')).toMatchObject({ audioMs: 2000 })
})

test('what nobody heard because it was not kept is stated, and not counted', async () => {
  let dials = 0
  let open = (): void => undefined
  const whenReady = async (): Promise<void> => {
    dials += 1
    if (dials > 1) await new Promise<void>((resolve) => (open = resolve))
  }
  const limits = { replayMs: 2000, openTimeoutMs: 5000 }
  const { session, backend, events } = await start(limits, { whenReady })
  ;(await backend(0)).emit({ type: 'error', error: LOST })
  await vi.waitFor(() => expect(dials).toBe(2), patient)
  for (const n of [1, 2, 3, 4, 5]) session.write(second(n))
  open()
  await vi.waitFor(
    () => expect(events.at(-1)).toEqual({ type: 'recovered', skippedMs: 3000 }),
    patient,
  )
  await session.close()
  expect(events.findLast(({ type }) => type === 'usage')).toMatchObject({ audioMs: 2000 })
})

test('its place is free again when it ends, in whatever way', async () => {
  const { engine, session, abort } = await start()
  await expect(engine.open({ config: {} }, abort.signal)).rejects.toMatchObject({ code: 'busy' })
  await session.close()
  const next = new AbortController()
  await engine.open({ config: {} }, next.signal)
  next.abort()
  await (await engine.open({ config: {} }, abort.signal)).close()
})
