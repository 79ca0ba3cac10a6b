import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionRows } from '../testing/session-rows.ts'
import { sessionRows } from '../testing/session-rows.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { createDailyUsage } from './daily-usage.ts'
import { createSessionList } from './session-list.ts'
import { usageCsv } from './usage-csv.ts'

const NOW = new Date('2026-03-30T12:00:00Z')
const HOUR_MS = 3_600_000

let database: TestDatabase
let rows: SessionRows
beforeAll(async () => {
  database = await createTestDatabase()
  rows = sessionRows(database)
})
afterAll(async () => database.drop())

const ago = (ms: number): Date => new Date(NOW.getTime() - ms)
const list = () => createSessionList(database)

/** The days on which something happened. */
async function busyDays(userId: string, timeZone = 'UTC', now = NOW): Promise<string[]> {
  const usage = createDailyUsage({ ...database, now: () => now.getTime() })
  const days = await usage.read(userId, timeZone)
  expect(days).toHaveLength(30)
  return days
    .filter(({ usedMs, sessions }) => usedMs > 0 || sessions > 0)
    .map(({ date, usedMs, sessions }) => `${date} ${usedMs} ms in ${sessions}`)
}

async function idsOfPages(userId: string, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await list().page(userId, { cursor, limit })
    pages.push(page.sessions.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return pages
}

async function csv(userId: string, pageSize?: number): Promise<string> {
  let text = ''
  for await (const piece of usageCsv(list(), userId, pageSize)) text += piece
  return text
}

test('usage falls on the day of the user’s own time zone on which it was charged', async () => {
  const userId = await rows.addUser()
  // 01:30 in Berlin, 02:30 after the clocks went forward: two days there, one and the same in UTC.
  const id = await rows.addSession(userId, { startedAt: new Date('2026-03-28T22:30:00Z') })
  await rows.book(userId, id, -1000, new Date('2026-03-28T22:59:59.999Z'))
  await rows.book(userId, id, -200, new Date('2026-03-28T23:00:00Z'))
  await rows.book(userId, id, -30, new Date('2026-03-29T21:59:59.999Z'))
  await rows.book(userId, id, -4, new Date('2026-03-29T22:00:00Z'))
  expect(await busyDays(userId, 'Europe/Berlin')).toEqual([
    '2026-03-28 1000 ms in 1',
    '2026-03-29 230 ms in 0',
    '2026-03-30 4 ms in 0',
  ])
  expect(await busyDays(userId)).toEqual(['2026-03-28 1200 ms in 1', '2026-03-29 34 ms in 0'])
})

test('the first of the thirty days counts whole, the day before it not at all', async () => {
  const userId = await rows.addUser()
  await rows.addSession(userId, { startedAt: new Date('2026-03-01T00:00:00Z'), usedMs: 7 })
  await rows.addSession(userId, { startedAt: new Date('2026-02-28T23:59:59.999Z'), usedMs: 5 })
  expect(await busyDays(userId)).toEqual(['2026-03-01 7 ms in 1'])
})

test('what a failure credits back is taken off, and no day shows less than nothing', async () => {
  const userId = await rows.addUser()
  const id = await rows.addSession(userId, { startedAt: ago(HOUR_MS), usedMs: 5000 })
  await rows.book(userId, id, 1500, ago(0))
  expect(await busyDays(userId)).toEqual(['2026-03-30 3500 ms in 1'])
  expect((await list().page(userId, { limit: 1 })).sessions).toMatchObject([{ usedMs: 3500 }])
  const late = await rows.addUser()
  const lateId = await rows.addSession(late, { startedAt: ago(20 * HOUR_MS), usedMs: 5000 })
  await rows.book(late, lateId, 1500, ago(0))
  expect(await busyDays(late)).toEqual(['2026-03-29 5000 ms in 1'])
})

test('money in is no usage', async () => {
  const userId = await rows.addUser()
  await database.query(
    `INSERT INTO usage_ledger (id, user_id, kind, delta_ms, ref, description, recorded_at)
     VALUES ($1, $1, 'credit_purchase', 60000, $1, 'test', $2),
       ($1 || 'r', $1, 'purchase_reversal', -60000, $1 || 'r', 'test', $2)`,
    [userId, NOW],
  )
  expect(await busyDays(userId)).toEqual([])
})

test('a running session counts with what it was charged and what its lease has used', async () => {
  const userId = await rows.addUser(100_000)
  const id = await rows.addSession(userId, { startedAt: ago(HOUR_MS) })
  await rows.book(userId, id, -60_000, ago(1000))
  await rows.addLease(userId, id, { startMs: 60_000, grantedMs: 60_000 })
  await rows.useLease(id, 2345)
  expect(await busyDays(userId)).toEqual(['2026-03-30 62345 ms in 1'])
  const { sessions } = await list().page(userId, { limit: 10 })
  expect(sessions).toMatchObject([{ id, usedMs: 62_345, status: 'active', endedAt: null }])
})

test('pages hold every session once, newest first, also those of the same instant', async () => {
  const userId = await rows.addUser()
  const ids: string[] = []
  for (let i = 0; i < 12; i++) {
    ids.push(await rows.addSession(userId, { startedAt: ago(Math.floor(i / 4)), usedMs: 1 }))
  }
  const pages = await idsOfPages(userId, 5)
  expect(pages.map((page) => page.length)).toEqual([5, 5, 2])
  expect(pages.flat().toSorted()).toEqual(ids.toSorted())
  expect(pages[0]?.slice(0, 4).toSorted()).toEqual(ids.slice(0, 4).toSorted())
  expect(await idsOfPages(userId, 12)).toHaveLength(1)
})

test('a session that begins meanwhile moves no page', async () => {
  const userId = await rows.addUser()
  for (let i = 0; i < 4; i++) await rows.addSession(userId, { startedAt: ago(i), usedMs: 1 })
  const before = await idsOfPages(userId, 2)
  const first = await list().page(userId, { limit: 2 })
  await rows.addSession(userId, { startedAt: new Date(NOW.getTime() + 1), usedMs: 1 })
  const second = await list().page(userId, { limit: 2, cursor: first.nextCursor ?? '' })
  expect(second.sessions.map(({ id }) => id)).toEqual(before[1])
})

test('a cursor that was made up, or is somebody else’s, is refused', async () => {
  const [userId, other] = [await rows.addUser(), await rows.addUser()]
  const othersId = await rows.addSession(other, { startedAt: NOW, usedMs: 1 })
  for (const cursor of [othersId, 'ses_1', '', "' OR true --"]) {
    await expect(list().page(userId, { cursor, limit: 2 })).rejects.toMatchObject({
      code: 'bad_request',
    })
  }
})

test('nobody sees another user’s sessions or days', async () => {
  const [userId, other] = [await rows.addUser(1000), await rows.addUser(1000)]
  const id = await rows.addSession(other, { startedAt: ago(1) })
  await rows.addLease(other, id, { startMs: 0, grantedMs: 1000 })
  await rows.useLease(id, 500)
  await rows.addSession(other, { startedAt: NOW, usedMs: 1000 })
  expect(await busyDays(userId)).toEqual([])
  expect(await idsOfPages(userId, 5)).toEqual([[]])
  expect((await csv(userId)).split('\r\n')).toHaveLength(2)
})

test('the export has every session once, whatever the size of its pages', async () => {
  const userId = await rows.addUser()
  for (let i = 0; i < 7; i++) await rows.addSession(userId, { startedAt: ago(i), usedMs: 1000 + i })
  const whole = await csv(userId)
  const lines = whole.split('\r\n')
  expect(lines).toHaveLength(9)
  expect(lines[0]).toBe(
    'session_id,started_at,ended_at,duration_ms,used_ms,seconds_used,status,end_reason,backend,model,language',
  )
  expect(lines[1]).toMatch(
    /^ses_[\w-]+,2026-03-30T12:00:00\.000Z,2026-03-30T12:00:02\.000Z,2000,1000,1,completed,stopped,whisper,,$/,
  )
  for (const pageSize of [1, 3, 7]) expect(await csv(userId, pageSize)).toBe(whole)
})

test.each([
  ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
  ['+1', "'+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-1+1', "'-1+1"],
  ['\t=1', "'\t=1"],
  ['a,b', '"a,b"'],
  ['a\nb', '"a\nb"'],
  ['nova-3', 'nova-3'],
])('what a client called its model, %j, is text in a spreadsheet', async (model, field) => {
  const userId = await rows.addUser()
  await rows.addSession(userId, { startedAt: NOW, usedMs: 1, model })
  expect(await csv(userId)).toContain(`,whisper,${field},\r\n`)
})
