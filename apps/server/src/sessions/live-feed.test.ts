import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { LiveAccount } from './live-account.ts'
import { createLiveFeed } from './live-feed.ts'

const patient = { timeout: 20_000, interval: 5 }
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A feed over balances that the test sets, with a record of every reading. */
function startFeed(options: { pollMs?: number } = {}) {
  const balances = new Map<string, number>()
  const readings: string[][] = []
  const warnings: unknown[] = []
  let failure: Error | undefined
  let open = 0
  let openMax = 0
  const feed = createLiveFeed({
    pollMs: options.pollMs ?? 30,
    log: { warn: (...args: unknown[]) => warnings.push(args) },
    async read(userIds) {
      readings.push([...userIds].toSorted())
      openMax = Math.max(openMax, ++open)
      await sleep(2)
      open -= 1
      if (failure) throw failure
      return new Map(
        userIds.map((id): [string, LiveAccount] => [
          id,
          { unspentMs: balances.get(id) ?? 0, sessions: [] },
        ]),
      )
    },
  })
  return {
    balances,
    readings,
    warnings,
    openMax: () => openMax,
    fail: (error: Error | undefined) => (failure = error),
    /** Collects what one watcher sees. */
    watch(userId: string) {
      const abort = new AbortController()
      const seen: number[] = []
      const done = (async () => {
        for await (const { unspentMs } of feed.watch(userId, abort.signal)) seen.push(unspentMs)
      })()
      const end = async (): Promise<void> => {
        abort.abort()
        await done
      }
      ends.push(() => abort.abort())
      return { seen, end }
    },
  }
}

test('a watcher sees the state now, and every later one, once', async () => {
  const feed = startFeed()
  feed.balances.set('a', 1)
  const { seen } = feed.watch('a')
  await expect.poll(() => seen, patient).toEqual([1])
  feed.balances.set('a', 2)
  await expect.poll(() => seen, patient).toEqual([1, 2])
  const { length } = feed.readings
  await expect.poll(() => feed.readings.length, patient).toBeGreaterThan(length + 3)
  expect(seen).toEqual([1, 2])
})

test('all that is watched is read at once, never twice at the same time, and nothing else', async () => {
  const feed = startFeed()
  for (let i = 0; i < 20; i++) feed.watch(`user${i % 4}`)
  await vi.waitFor(() => expect(feed.readings.length).toBeGreaterThan(5), patient)
  const everybody = ['user0', 'user1', 'user2', 'user3']
  expect(feed.readings.slice(-3)).toEqual([everybody, everybody, everybody])
  expect(feed.openMax()).toBe(1)
})

test('who comes between two readings is read at once, alone', async () => {
  const feed = startFeed({ pollMs: 60_000 })
  const first = feed.watch('a')
  await expect.poll(() => first.seen, patient).toHaveLength(1)
  const [second, third] = [feed.watch('b'), feed.watch('a')]
  await expect.poll(() => [second.seen, third.seen], patient).toEqual([[0], [0]])
  expect(feed.readings).toEqual([['a'], ['b']])
})

test('nothing is read while nobody watches', async () => {
  const feed = startFeed()
  const watchers = [feed.watch('a'), feed.watch('a'), feed.watch('b')]
  await expect.poll(() => feed.readings.length, patient).toBeGreaterThan(1)
  for (const { end } of watchers) await end()
  // One may have begun.
  await sleep(20)
  const { length } = feed.readings
  await sleep(200)
  expect(feed.readings).toHaveLength(length)
  const back = feed.watch('a')
  await expect.poll(() => back.seen, patient).toEqual([0])
})

test('an outage is sat out: the next reading tells what has changed, and the log has one line', async () => {
  const feed = startFeed()
  const { seen } = feed.watch('a')
  await expect.poll(() => seen, patient).toEqual([0])
  feed.fail(new Error('the database is away'))
  feed.balances.set('a', 5)
  const late = feed.watch('b')
  const { length } = feed.readings
  await expect.poll(() => feed.readings.length, patient).toBeGreaterThan(length + 3)
  expect([seen, late.seen]).toEqual([[0], []])
  feed.fail(undefined)
  await expect.poll(() => [seen, late.seen], patient).toEqual([[0, 5], [0]])
  expect(feed.warnings).toHaveLength(1)
})

test('readings of a failing database are as rare as others', async () => {
  const feed = startFeed({ pollMs: 60_000 })
  feed.fail(new Error('the database is away'))
  for (const id of ['a', 'b', 'c']) feed.watch(id)
  await expect.poll(() => feed.warnings, patient).toHaveLength(1)
  await sleep(100)
  expect(feed.readings.length).toBeLessThanOrEqual(2)
})

test('one account has at most 100 watchers; a place that is given back is free', async () => {
  const feed = startFeed()
  const watchers = Array.from({ length: 100 }, () => feed.watch('one'))
  await expect.poll(() => watchers.every(({ seen }) => seen.length === 1), patient).toBe(true)
  await expect(feed.watch('one').end()).rejects.toMatchObject({ code: 'rate_limited' })
  await watchers[0]?.end()
  const late = feed.watch('one')
  await expect.poll(() => late.seen, patient).toEqual([0])
})
