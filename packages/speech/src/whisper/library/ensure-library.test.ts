import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ensureWhisperLibrary } from './ensure-library.ts'
import { nativeLibraryName, percentOf } from './native-build.ts'
import { hasPrebuiltBinding } from './prebuilt-binding.ts'

let nativeDir: string

beforeEach(async () => {
  nativeDir = join(await mkdtemp(join(tmpdir(), 'saywire-native-')), 'native dir')
})

const prebuilt = hasPrebuiltBinding()

describe('the speech library', () => {
  it.skipIf(!prebuilt)('that does not load is not used, however it came there', async () => {
    await mkdir(nativeDir)
    const path = join(nativeDir, await nativeLibraryName())
    await writeFile(path, 'half a library')
    const options = { nativeDir, cmake: 'no-such-cmake', onNotice: () => undefined }
    await expect(ensureWhisperLibrary(options)).resolves.toEqual({ kind: 'prebuilt' })
    expect(await readdir(nativeDir)).toEqual([])
  })

  it.skipIf(!prebuilt)(
    `falls back to the prebuilt one without a compiler, and says what to install${prebuilt ? '' : ' (skipped: none for this platform)'}`,
    async () => {
      const notices: string[] = []
      const library = await ensureWhisperLibrary({
        nativeDir,
        cmake: 'no-such-cmake',
        onNotice: (sentence) => notices.push(sentence),
      })
      expect(library).toEqual({ kind: 'prebuilt' })
      expect(notices).toEqual([expect.stringMatching(/cmake/)])
    },
  )

  it('leaves nothing behind where its build fails', async () => {
    await mkdir(join(nativeDir, '.build-of-a-killed-process'), { recursive: true })
    await ensureWhisperLibrary({ nativeDir, cmake: 'no-such-cmake' }).catch(() => {})
    expect(await readdir(nativeDir)).toEqual([])
  })

  it('tells how far its build is, whichever generator CMake has chosen', () => {
    expect(percentOf('[ 42%] Building CXX object a.o')).toBe(42)
    expect(percentOf('[20/80] Building CXX object a.o')).toBe(25)
    expect(percentOf('-- Configuring done')).toBeUndefined()
  })
})
