import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { copyPostgresBinaries, findPostgresBinaries } from './postgres-binaries.ts'

test('a copy of the binaries works, and two servers that make it at once share one', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'saywire-binaries-'))
  try {
    const binaries = await findPostgresBinaries()
    const copies = await Promise.all(
      [1, 2].map(async () => copyPostgresBinaries(binaries, join(parent, 'a folder'))),
    )
    expect(copies[0]).toEqual(copies[1])
    expect(await readdir(join(parent, 'a folder'))).toEqual([`postgresql-${binaries.version}`])
    // initdb asks the postgres beside it, which needs the libraries beside that.
    const { stdout } = await promisify(execFile)(copies[0]?.initdb ?? '', ['--version'])
    expect(stdout).toContain('PostgreSQL')
  } finally {
    await rm(parent, { recursive: true })
  }
})
