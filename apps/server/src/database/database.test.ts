import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../testing/test-database.ts'
import { openDatabase } from './database.ts'

const log = pino({ level: 'silent' })

test('the first users of a server that is warm find its connections open', async () => {
  const testDatabase = await createTestDatabase()
  const database = openDatabase(testDatabase.url, log)
  expect(database.pool.totalCount).toBe(0)
  await database.warmUp()
  expect(database.pool.totalCount).toBeGreaterThan(1)
  await expect.poll(() => database.pool.idleCount).toBe(database.pool.totalCount)
  await database.close()
  await testDatabase.drop()
})

test('a server begins although its database is away', async () => {
  const database = openDatabase('postgresql://nobody@127.0.0.1:1/none', log)
  await expect(database.warmUp()).resolves.toBeUndefined()
  await database.close()
})
