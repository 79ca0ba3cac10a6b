import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeptRecordings } from './kept-recordings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-kept-'))
})
afterEach(async () => rm(folder, { recursive: true }))

const idOf = (day: number) => `202611${String(day).padStart(2, '0')}-201503-a1b2c3`

async function keep(day: number, bytes = 0): Promise<void> {
  const path = join(folder, `${idOf(day)}.saywire-session`)
  await writeFile(path, '')
  await truncate(path, bytes)
}

test('the newest come first, and nothing else is taken for one', async () => {
  await keep(3, 640)
  await keep(20)
  await writeFile(join(folder, 'notes.saywire-session'), '')
  await writeFile(join(folder, `${idOf(4)}.txt`), '')
  const kept = createKeptRecordings(folder)
  expect(await kept.list()).toEqual([
    { id: idOf(20), startedAtMs: Date.UTC(2026, 10, 20, 20, 15, 3), bytes: 0 },
    { id: idOf(3), startedAtMs: Date.UTC(2026, 10, 3, 20, 15, 3), bytes: 640 },
  ])
  expect(kept.pathOf('../../etc/passwd')).toBeUndefined()
})

test('with a new one there are twenty at most', async () => {
  for (let day = 1; day <= 25; day++) await keep(day)
  await writeFile(join(folder, 'notes'), '')
  await createKeptRecordings(folder).prune()
  const names = await readdir(folder)
  expect(names).toHaveLength(20)
  expect(names).toContain('notes')
  expect(names).not.toContain(`${idOf(6)}.saywire-session`)
  expect(names).toContain(`${idOf(7)}.saywire-session`)
})

test('together they are no larger than two gigabytes', async () => {
  for (let day = 1; day <= 4; day++) await keep(day, 900_000_000)
  await createKeptRecordings(folder).prune()
  expect((await readdir(folder)).length).toBe(2)
})
