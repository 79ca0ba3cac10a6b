import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadOrCreateJwtSecret } from './jwt-secret.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'saywire-secret-'))
})
afterEach(async () => rm(dataDir, { recursive: true }))

test('servers that start at once on one folder share one secret, and leave nothing else', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 8 }, async () => loadOrCreateJwtSecret(dataDir)),
  )
  expect(new Set(secrets).size).toBe(1)
  expect(await loadOrCreateJwtSecret(dataDir)).toBe(secrets[0])
  expect(await readdir(dataDir)).toEqual(['jwt-secret'])
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600)
})

test.each([
  ['empty', ''],
  ['half-written', 'k'.repeat(31)],
  ['blank', ' '.repeat(64)],
])('a file that is %s is named, with what to do about it', async (_, content) => {
  const file = join(dataDir, 'jwt-secret')
  await writeFile(file, content)
  const failure = loadOrCreateJwtSecret(dataDir)
  await expect(failure).rejects.toThrow(`${file} holds no secret`)
  await expect(failure).rejects.toThrow('Delete the file')
})
