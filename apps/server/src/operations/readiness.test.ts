import { expect, test } from 'vitest'
import type { SpeechHealth } from '../speech/speech-health.ts'
import { createReadiness } from './readiness.ts'

function setUp() {
  const state = { isConnected: true, speech: 'ok' as SpeechHealth, isDraining: false, nowMs: 0 }
  let pings = 0
  let release: (() => void) | undefined
  const readiness = createReadiness({
    async pingDatabase() {
      pings += 1
      if (release) await new Promise<void>((resolve) => (release = resolve))
      return state.isConnected
    },
    speechHealth: () => state.speech,
    isDraining: () => state.isDraining,
    now: () => state.nowMs,
  })
  return {
    state,
    readiness,
    pings: () => pings,
    /** @returns lets the pings that wait be answered */
    holdPings() {
      release = () => undefined
      return () => release?.()
    },
  }
}

test('a flood of questions costs one ping a second', async () => {
  const { readiness, pings, state } = setUp()
  await Promise.all(Array.from({ length: 1000 }, async () => readiness.check()))
  await readiness.check()
  expect(pings()).toBe(1)
  state.nowMs += 1000
  await Promise.all(Array.from({ length: 1000 }, async () => readiness.check()))
  expect(pings()).toBe(2)
})

test('a flood meets one ping, also while the database is silent', async () => {
  const { readiness, pings, holdPings } = setUp()
  const answerPings = holdPings()
  const checks = Array.from({ length: 100 }, async () => readiness.check())
  expect(pings()).toBe(1)
  answerPings()
  expect((await Promise.all(checks)).every(({ status }) => status === 'ready')).toBe(true)
})

test('who must not wait hears what was heard last, and has it asked anew', async () => {
  const { readiness, state } = setUp()
  expect(readiness.database).toBe('disconnected')
  await expect.poll(() => readiness.database).toBe('connected')
  state.isConnected = false
  state.nowMs += 1000
  expect(readiness.database).toBe('connected')
  await expect.poll(() => readiness.database).toBe('disconnected')
})

test('each part alone keeps the server from being ready, and is named', async () => {
  const { readiness, state } = setUp()
  expect(await readiness.check()).toEqual({
    status: 'ready',
    database: 'connected',
    speech: 'ok',
  })
  for (const speech of ['preparing', 'failing', 'held_back', 'refused'] as const) {
    state.speech = speech
    expect(await readiness.check()).toMatchObject({ status: 'not_ready', speech })
  }
  state.speech = 'full'
  expect(await readiness.check()).toMatchObject({ status: 'ready', speech: 'full' })
  state.isConnected = false
  state.nowMs += 1000
  expect(await readiness.check()).toMatchObject({ status: 'not_ready', database: 'disconnected' })
  state.isDraining = true
  expect(await readiness.check()).toMatchObject({ status: 'draining' })
})
