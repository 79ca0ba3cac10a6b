import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionRows } from '../testing/session-rows.ts'
import { commandLine, createTestAdministration } from '../testing/test-administration.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import { parseCommandLine } from './command-line.ts'
import type { OperatorTask } from './command-line.ts'
import { operate } from './operate.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

/** The program itself. */
async function run(...args: string[]) {
  const { PATH, HOME } = process.env
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', MAIN, ...args],
      { env: { PATH, HOME, DATABASE_URL: database.url } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    )
  })
}

/** The same words without a process for each. */
async function answer(line: string) {
  const task = parseCommandLine(line.split(' ')) as OperatorTask
  return operate(createTestAdministration(database), commandLine, task)
}

test('the first administrator is made on the command line, by whom the system knows', async () => {
  const id = await sessionRows(database).addUser()
  const email = `${id}@example.org`
  expect(await run('admin', 'grant', email)).toEqual({
    code: 0,
    out: `${email} is an administrator now.\n`,
    err: '',
  })
  const { out } = await run('audit', '--user', id, '--json')
  expect(JSON.parse(out)).toMatchObject({
    rows: [
      {
        actor: null,
        os_user: userInfo().username,
        action: 'role_granted',
        subject: { id, email },
        before: { role: 'user' },
        after: { role: 'admin' },
      },
    ],
    next_cursor: null,
  })
})

test('what cannot be done is a sentence and code 1, for programs as JSON', async () => {
  const { code, out, err } = await run('users', 'show', 'usr_unknown', '--json')
  expect([code, out]).toEqual([1, ''])
  expect(JSON.parse(err)).toEqual({
    error: { code: 'not_found', message: 'There is no account with the id usr_unknown.' },
  })
  const wrong = await run('sessions', 'end')
  expect(wrong).toMatchObject({ code: 2, out: '' })
  expect(wrong.err).toBe('`sessions end` takes one session id.\nSee saywire-server --help.\n')
})

test('a user is listed, shown, adjusted, blocked and let in again', async () => {
  const rows = sessionRows(database)
  const id = await rows.addUser()
  const email = `${id}@example.org`
  await answer(`credits adjust ${id} --add 150000 --reason gift`)
  const key = `${id}-take`.slice(0, 40)
  const take = `credits adjust ${email} --take 30000 --reason mistake --key ${key}`
  expect((await answer(take)).text).toBe(`Took 30000 ms: ${email} has 120000 ms available.`)
  expect((await answer(take)).text).toMatch(/^Nothing was changed, .* has 120000 ms available\.$/)
  const sessionId = await rows.addSession(id, { startedAt: new Date(), model: 'nova\u001B[2J' })
  await rows.addLease(id, sessionId, { startMs: 0, grantedMs: 60_000 })
  expect((await answer('sessions list')).text).toMatch(
    new RegExp(`${sessionId} .*${email} .*nova\\?\\[2J +srv_test +running`),
  )
  const listed = (await answer(`users list --search ${email}`)).text.split('\n')
  expect(listed).toHaveLength(2)
  expect(listed[1]).toMatch(/ user .* 1\.0 min +1\.0 min +0\.0 min +1$/)
  expect((await answer(`sessions end ${sessionId} --reason spam`)).text).toContain('told to end')
  expect((await answer('sessions list')).text).toMatch(/srv_test +ending/)
  expect((await answer(`users block ${email} --reason spam`)).text).toBe(
    `Blocked ${email}: 0 logins and 1 sessions end.`,
  )
  expect((await answer(`users block ${email} --reason spam`)).text).toBe(
    `${email} is blocked already.`,
  )
  const shown = (await answer(`users show ${email}`)).text
  for (const part of [sessionId, 'operator_adjustment', '-0.5 min', 'From the operator: gift']) {
    expect(shown).toContain(part)
  }
  expect((await answer(`users unblock ${email} --reason sorry`)).text).toContain('log in again')
  const audit = (await answer(`audit --user ${id}`)).text
  expect(audit).toMatch(/command line \(tester\) +credits_adjusted .*available_ms 150000 → 120000/)
  expect(audit).toMatch(/user_blocked .*live_sessions 1 → 0/)
  expect(await unbalancedUsers(database)).toEqual([])
})

test('margins are told for people and, to the micro-dollar, for programs', async () => {
  const rows = sessionRows(database)
  const id = await rows.addUser()
  await rows.addSession(id, { startedAt: new Date(), usedMs: 600_000 })
  const { json, text } = await answer('margins --days 2')
  const { days } = json as { days: { billed_ms: number; provider_cost_micros: number }[] }
  expect(days).toHaveLength(2)
  expect(days[1]?.billed_ms).toBeGreaterThanOrEqual(600_000)
  expect(days[1]?.provider_cost_micros).toBeGreaterThanOrEqual(48_000)
  expect(text.split('\n').at(-1)).toMatch(/^total .* min .*\$0\.\d{4} /)
})
