import { expect, test } from 'vitest'
import type { LiveSnapshot } from './live-sessions.ts'
import { createLiveSessions } from './live-sessions.ts'

const session = { sessionId: 'ses_1', userId: 'usr_1', backend: 'whisper base.en' }
const usedMs = ({ sessions }: LiveSnapshot): (readonly [string, number])[] =>
  sessions.map(({ sessionId, usedMs }) => [sessionId, usedMs] as const)

function watch(live: ReturnType<typeof createLiveSessions>, userId: string, seenId?: string) {
  const abort = new AbortController()
  const states = live.watch(userId, seenId, abort.signal)
  return {
    end: () => abort.abort(),
    ended: async () => (await states.next()).done,
    async next(): Promise<LiveSnapshot> {
      const { value } = await states.next()
      if (!value) throw new Error('the watch has ended')
      return value
    },
  }
}

test('a watcher sees the state now, and every later one', async () => {
  const live = createLiveSessions({ now: () => 7 })
  const watcher = watch(live, 'usr_1')
  expect((await watcher.next()).sessions).toEqual([])
  const next = watcher.next()
  live.add(session)
  expect((await next).sessions).toEqual([{ ...session, startedAtMs: 7, usedMs: 0 }])
  live.update('ses_1', 1000)
  expect(usedMs(await watcher.next())).toEqual([['ses_1', 1000]])
  live.remove('ses_1')
  expect(usedMs(await watcher.next())).toEqual([])
})

test('a slow watcher skips states, and gets the newest whole', async () => {
  const live = createLiveSessions()
  const watcher = watch(live, 'usr_1')
  await watcher.next()
  live.add(session)
  live.add({ ...session, sessionId: 'ses_2' })
  for (const ms of [1000, 2000, 3000]) live.update('ses_1', ms)
  expect(usedMs(await watcher.next())).toEqual([
    ['ses_1', 3000],
    ['ses_2', 0],
  ])
})

test('who comes back with the newest state waits; with an older one, gets the newest', async () => {
  const live = createLiveSessions()
  live.add(session)
  const first = await watch(live, 'usr_1').next()
  const back = watch(live, 'usr_1', first.id)
  const next = back.next()
  live.update('ses_1', 1000)
  expect(usedMs(await next)).toEqual([['ses_1', 1000]])
  expect(usedMs(await watch(live, 'usr_1', first.id).next())).toEqual([['ses_1', 1000]])
})

test('a state of an earlier process is never taken for one of this', async () => {
  const before = await watch(createLiveSessions(), 'usr_1').next()
  const after = await watch(createLiveSessions(), 'usr_1', before.id).next()
  expect(after.sessions).toEqual([])
})

test('nobody sees another user’s sessions', async () => {
  const live = createLiveSessions()
  live.add(session)
  expect((await watch(live, 'usr_2').next()).sessions).toEqual([])
})

test('a watch ends when its signal says so', async () => {
  const watcher = watch(createLiveSessions(), 'usr_1')
  await watcher.next()
  const ended = watcher.ended()
  watcher.end()
  expect(await ended).toBe(true)
})
