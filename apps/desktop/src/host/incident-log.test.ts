import { expect, it } from 'vitest'
import type { SessionStatus } from '../core/session-runner.ts'
import { createIncidentLog } from './incident-log.ts'

const WELL: SessionStatus = {
  indicator: { kind: 'listening' },
  isMuted: false,
  isFallback: false,
  trouble: undefined,
  nextTryInMs: undefined,
  backend: 'deepgram nova-3',
  device: 'Desk',
}
const trouble = { reason: 'unreachable', sentence: 'Nobody answers.' } as const
const LOST: SessionStatus = { ...WELL, trouble, backend: undefined }
const LOCAL: SessionStatus = { ...WELL, trouble, isFallback: true, backend: 'whisper base.en' }

function setUp() {
  const clock = { nowMs: 1000 }
  const logged: string[] = []
  const incidents = createIncidentLog({
    log: (_level, sentence) => logged.push(sentence),
    now: () => clock.nowMs,
  })
  return { clock, logged, incidents }
}

it('tells when the engine was lost, what took over and when it was back, and logs each', () => {
  const { clock, logged, incidents } = setUp()
  incidents.begin()
  expect(incidents.follow(WELL)).toEqual([])
  incidents.follow(LOST)
  clock.nowMs = 2800
  incidents.follow(LOCAL)
  clock.nowMs = 4000
  incidents.follow({ ...LOCAL, isMuted: true, indicator: { kind: 'muted' } })
  clock.nowMs = 31_000
  expect(incidents.follow(WELL)).toEqual([
    {
      atMs: 1000,
      sentence: 'Nobody answers.',
      tookOver: { atMs: 2800, backend: 'whisper base.en' },
      backAtMs: 31_000,
    },
  ])
  expect(logged).toEqual([
    'The speech engine is away: Nobody answers.',
    'whisper base.en has taken over after 1.8 s.',
    'deepgram nova-3 is back after 30.0 s.',
  ])
})

it('is not over when the session ends without it, and a new session has a list of its own', () => {
  const { incidents } = setUp()
  incidents.begin()
  incidents.follow(LOST)
  const ended = { ...WELL, backend: undefined, indicator: { kind: 'stopping' } } as const
  expect(incidents.follow(ended)).toMatchObject([{ backAtMs: undefined }])
  incidents.begin()
  expect(incidents.follow(WELL)).toEqual([])
})

it('keeps the newest fifty', () => {
  const { clock, incidents } = setUp()
  incidents.begin()
  for (let i = 0; i < 80; i++) {
    clock.nowMs = i
    incidents.follow(LOST)
    incidents.follow(WELL)
  }
  const list = incidents.follow(WELL)
  expect(list).toHaveLength(50)
  expect(list.at(-1)?.atMs).toBe(79)
})
