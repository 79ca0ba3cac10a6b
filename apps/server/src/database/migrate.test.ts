import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { migrate, MIGRATIONS_DIR, MigrationError } from './migrate.ts'

let database: TestDatabase
let dir: string

beforeEach(async () => {
  database = await createTestDatabase('empty')
  dir = await mkdtemp(join(tmpdir(), 'saywire-migrations-'))
  await addMigration('20260101000000_first', 'CREATE TABLE first (i integer);')
})
afterEach(async () => {
  await database.drop()
  await rm(dir, { recursive: true })
})

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(dir, name))
  await writeFile(join(dir, name, 'migration.sql'), sql)
}

test('three servers that start at once apply each migration once', async () => {
  const all = await Promise.all([1, 2, 3].map(async () => migrate(database.url)))
  const applied = all.flat()
  expect(applied.length).toBeGreaterThan(0)
  expect(new Set(applied).size).toBe(applied.length)
  const rows = await database.query('SELECT migration_name FROM _prisma_migrations')
  expect(rows.map((row) => row['migration_name'])).toEqual(applied.toSorted())
})

test('a later start applies only what is new, in the order of the names', async () => {
  expect(await migrate(database.url, dir)).toEqual(['20260101000000_first'])
  await addMigration('20260103000000_third', 'ALTER TABLE second ADD j integer;')
  await addMigration('20260102000000_second', 'CREATE TABLE second (i integer);')
  expect(await migrate(database.url, dir)).toEqual([
    '20260102000000_second',
    '20260103000000_third',
  ])
  expect(await migrate(database.url, dir)).toEqual([])
})

test('an applied migration that was edited stops the start', async () => {
  await migrate(database.url, dir)
  await appendFile(join(dir, '20260101000000_first', 'migration.sql'), '-- now different')
  await expect(migrate(database.url, dir)).rejects.toThrow(
    /20260101000000_first was edited after it had been applied/,
  )
})

test('a database that is newer than the server stops the start', async () => {
  await addMigration('20260102000000_second', 'CREATE TABLE second (i integer);')
  await migrate(database.url, dir)
  await rm(join(dir, '20260102000000_second'), { recursive: true })
  await expect(migrate(database.url, dir)).rejects.toThrow(/newer than this server.*_second/)
})

test('a migration that fails half-way leaves nothing behind, and can be mended and run again', async () => {
  const broken = '20260102000000_broken'
  await addMigration(broken, 'CREATE TABLE half (i integer); SELECT 1 / 0;')
  await expect(migrate(database.url, dir)).rejects.toThrow(MigrationError)
  expect(await database.query(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }])
  await writeFile(join(dir, broken, 'migration.sql'), 'CREATE TABLE half (i integer);')
  expect(await migrate(database.url, dir)).toEqual([broken])
})

test('the migrations of this repository run on an empty database', async () => {
  await cp(MIGRATIONS_DIR, dir, { recursive: true })
  await migrate(database.url, dir)
  const rows = await database.query(`SELECT to_regclass('usage_ledger')::text AS name`)
  expect(rows).toEqual([{ name: 'usage_ledger' }])
})
