import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startServerDatabase } from '../database/server-database.ts'
import { registerUser } from '../testing/register-user.ts'
import { runSql } from '../testing/run-sql.ts'
import { startTestApp } from '../testing/test-app.ts'
import { parseBackupCommand, runBackupCommand } from './backup-command.ts'

const log = pino({ level: 'silent' })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-backup-command-'))
  await chmod(folder, 0o755)
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

const envFor = (name: string) => ({ databaseUrl: undefined, dataDir: join(folder, name) })

test('the built-in database is backed up while its server runs, and restored into a new folder', async () => {
  const file = join(folder, 'one.backup')
  const running = await startServerDatabase({ url: undefined, ...envFor('old'), log })
  onTestFinished(running.stop)
  const app = await startTestApp(running.url)
  onTestFinished(app.close)
  await registerUser(app.url, 'a@example.org')
  const answer = await runBackupCommand({ name: 'backup', file }, { env: envFor('old'), log })
  expect(answer).toMatch(/^Backed up \d+ rows to .*one\.backup\.$/)
  // It left the server its database.
  await registerUser(app.url, 'b@example.org')

  await runBackupCommand({ name: 'restore', file }, { env: envFor('new'), log })
  const restored = await startServerDatabase({ url: undefined, ...envFor('new'), log })
  onTestFinished(restored.stop)
  expect(await runSql(restored.url, 'SELECT email FROM users')).toEqual([
    { email: 'a@example.org' },
  ])
})

test('where there is no database, there is nothing to back up', async () => {
  const file = join(folder, 'none.backup')
  const failed = runBackupCommand({ name: 'backup', file }, { env: envFor('nowhere'), log })
  await expect(failed).rejects.toThrow(/^There is no database in .*SAYWIRE_DATA_DIR/)
})

test('each takes one file, and other words are other commands', () => {
  expect(parseBackupCommand(['backup', '/a/b'])).toEqual({ name: 'backup', file: '/a/b' })
  expect(parseBackupCommand(['restore', '/a/b'])).toEqual({ name: 'restore', file: '/a/b' })
  for (const other of [[], ['credits', 'grant'], ['backup', '--help']]) {
    expect(parseBackupCommand(other)).toBeUndefined()
  }
  for (const wrong of [['backup'], ['restore', '--force'], ['backup', 'a', 'b']]) {
    expect(() => parseBackupCommand(wrong)).toThrow('takes the name of a file')
  }
})
