import { SpeechError } from '@saywire/speech'
import { expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { createUpstreamPool } from './upstream-pool.ts'

const now = (): number => performance.now()
const signal = new AbortController().signal
const createPool = (options = {}) =>
  createUpstreamPool({ max: 2, dialsMax: 2, waitMs: 100, now, ...options })
const refusal = (retryAfterMs: number) =>
  new SpeechError('busy', 'Deepgram is full.', { retryable: true, retryAfterMs })

/** What became of a promise so far. */
function follow(promise: Promise<unknown>): { state: string } {
  const followed = { state: 'waiting' }
  promise.then(
    () => (followed.state = 'in'),
    (error: unknown) => (followed.state = error instanceof SpeechError ? error.code : 'aborted'),
  )
  return followed
}

test('a session beyond the places is busy, and told when to come back, after a bounded wait', async () => {
  const pool = createPool()
  await pool.enter(signal)
  await pool.enter(signal)
  const beganMs = now()
  await expect(pool.enter(signal)).rejects.toMatchObject({
    code: 'busy',
    retryable: true,
    retryAfterMs: expect.any(Number) as number,
  })
  expect(now() - beganMs).toBeGreaterThan(90)
})

test('a place that is left goes to the session that has waited longest', async () => {
  const pool = createPool({ waitMs: 10_000 })
  const place = await pool.enter(signal)
  await pool.enter(signal)
  const third = follow(pool.enter(signal))
  const fourth = follow(pool.enter(signal))
  place.leave()
  place.leave()
  await vi.waitFor(() => expect(third.state).toBe('in'), patient)
  expect(fourth.state).toBe('waiting')
})

test('no more are dialled at once than may be', async () => {
  const pool = createPool({ max: 10, waitMs: 10_000 })
  const place = await pool.enter(signal)
  await pool.enter(signal)
  const third = follow(pool.enter(signal))
  await Promise.resolve()
  expect(third.state).toBe('waiting')
  place.dialled()
  await vi.waitFor(() => expect(third.state).toBe('in'), patient)
})

test('after a refusal nobody dials until its time is over; then live sessions go first', async () => {
  const pool = createPool({ max: 10, dialsMax: 1, waitMs: 10_000 })
  const live = await pool.enter(signal)
  live.dialled()
  pool.holdBack(refusal(200))
  const heldAtMs = now()
  const fresh = follow(pool.enter(signal))
  const again = live.redial(signal)
  const reconnecting = follow(again)
  await again
  expect(now() - heldAtMs).toBeGreaterThan(190)
  expect([reconnecting.state, fresh.state]).toEqual(['in', 'waiting'])
  live.dialled()
  await vi.waitFor(() => expect(fresh.state).toBe('in'), patient)
})

test('a new session that would wait for too long is told at once, and why', async () => {
  const pool = createPool({ waitMs: 10_000 })
  const waiting = pool.enter(signal).then(async (place) => {
    place.dialled()
    pool.holdBack(refusal(60_000))
    return pool.enter(signal)
  })
  const beganMs = now()
  const error = await waiting.catch((cause: unknown) => cause as SpeechError)
  expect(error).toMatchObject({ code: 'busy', message: 'Deepgram is full.' })
  expect((error as SpeechError).retryAfterMs).toBeGreaterThan(59_000)
  expect(now() - beganMs).toBeLessThan(5000)
})

test('who gives up waiting takes no place', async () => {
  const pool = createPool({ max: 1, waitMs: 10_000 })
  const place = await pool.enter(signal)
  const abort = new AbortController()
  const gone = follow(pool.enter(abort.signal))
  const next = follow(pool.enter(signal))
  abort.abort()
  place.leave()
  await vi.waitFor(() => expect([gone.state, next.state]).toEqual(['aborted', 'in']), patient)
})
