import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureLibraryFor } from './ensure-library-for.ts'

const nativeDir = join(mkdtempSync(join(tmpdir(), 'saywire-library-')), 'never made')

describe('the library for a model', () => {
  it("is the app's own for one of Whisper's, and sherpa for one of Moonshine's", async () => {
    const brought = { kind: 'shipped', path: 'whisper.node' } as const
    expect(await ensureLibraryFor('base.en', { nativeDir, brought })).toBe(brought)
    expect(await ensureLibraryFor('moonshine-tiny', { nativeDir, brought })).toEqual({
      kind: 'sherpa',
    })
  })

  it("is never built for one of Moonshine's", async () => {
    expect(await ensureLibraryFor('moonshine-base', { nativeDir })).toEqual({ kind: 'sherpa' })
    expect(existsSync(nativeDir)).toBe(false)
  })

  it('is not there for a model that nobody knows', async () => {
    await expect(ensureLibraryFor('huge', { nativeDir })).rejects.toMatchObject({
      code: 'bad_config',
    })
  })
})
