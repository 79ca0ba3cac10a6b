import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ensureWhisperLibrary } from './ensure-library.ts'
import { nativeLibraryName, percentOf } from './native-build.ts'
import { hasPrebuiltBinding } from './prebuilt-binding.ts'

let nativeDir: string

beforeEach(async () => {
  nativeDir = join(await mkdtemp(join(tmpdir(), 'saywire-native-')), 'native dir')
})

const prebuilt = await hasPrebuiltBinding()
const noPrebuilt = prebuilt ? '' : ' (skipped: no prebuilt one for this platform)'
const onWindows = process.platform === 'win32'

/** A command that does what the lines say; `$HERE` is its folder. */
async function fakeCmake(lines: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'saywire-cmake-')), 'cmake')
  await writeFile(path, `#!/bin/sh\nHERE=$(dirname "$0")\n${lines}\n`, { mode: 0o755 })
  return path
}

describe('the speech library', () => {
  it.skipIf(!prebuilt)(
    `that does not load is not used, and the user is told why${noPrebuilt}`,
    async () => {
      await mkdir(nativeDir)
      const path = join(nativeDir, await nativeLibraryName())
      await writeFile(path, 'half a library')
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      const options = { nativeDir, cmake: 'no-such-cmake', onNotice }
      await expect(ensureWhisperLibrary(options)).resolves.toEqual({ kind: 'prebuilt' })
      expect(notices).toEqual([expect.stringMatching(/does not load \(.+\)\. CMake .* needed/)])
      // It may be sound, and lack only a library that is installed later.
      expect(await readFile(path, 'utf8')).toBe('half a library')
    },
  )

  it.skipIf(!prebuilt || onWindows)(
    `that does not load is built again, but not at every start${onWindows ? ' (skipped: needs a shell)' : noPrebuilt}`,
    async () => {
      await mkdir(nativeDir)
      await writeFile(join(nativeDir, await nativeLibraryName()), 'half a library')
      // Makes rubbish, and counts how often.
      const cmake = await fakeCmake(`case "$1" in
        --build) mkdir "$2/out"; echo rubbish > "$2/out/saywire-whisper.node"; echo >> "$HERE/builds" ;;
      esac`)
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      for (let start = 0; start < 2; start++) {
        const library = await ensureWhisperLibrary({ nativeDir, cmake, onNotice })
        expect(library).toEqual({ kind: 'prebuilt' })
      }
      expect(await readFile(join(cmake, '..', 'builds'), 'utf8')).toBe('\n')
      expect(notices).toEqual(
        Array(2).fill(expect.stringMatching(/built but does not load \(.+\)/)),
      )
    },
  )

  it.skipIf(!prebuilt)(
    `falls back to the prebuilt one without a compiler, and says what to install${noPrebuilt}`,
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

  it.skipIf(onWindows || process.platform === 'darwin')(
    'has Vulkan built in where its SDK is, and is built without where that fails',
    async () => {
      const cmake = await fakeCmake(`case "$*" in
        *SAYWIRE_VULKAN=ON*) echo ON >> "$HERE/tried"; exit 1 ;;
        *SAYWIRE_VULKAN=OFF*) echo OFF >> "$HERE/tried"; exit 1 ;;
      esac`)
      const tried = async () => readFile(join(cmake, '..', 'tried'), 'utf8')
      const build = async (glslc: string, portable = false) =>
        ensureWhisperLibrary({ nativeDir, cmake, glslc, portable }).catch(() => undefined)
      await build('no-such-glslc')
      expect(await tried()).toBe('OFF\n')
      // What is shipped does without.
      await build(process.execPath, true)
      expect(await tried()).toBe('OFF\nOFF\n')
      await build(process.execPath)
      expect(await tried()).toBe('OFF\nOFF\nON\nOFF\n')
    },
  )

  it('has another name where Vulkan is built in', async () => {
    const names = [
      await nativeLibraryName(false, 'no-such-glslc'),
      await nativeLibraryName(false, process.execPath),
      await nativeLibraryName(true, 'no-such-glslc'),
      await nativeLibraryName(true, process.execPath),
    ]
    expect(names[0] === names[1]).toBe(process.platform === 'darwin')
    expect(names[2]).toBe(names[3])
  })

  it('tells how far its build is, whichever generator CMake has chosen', () => {
    expect(percentOf('[ 42%] Building CXX object a.o')).toBe(42)
    expect(percentOf('[20/80] Building CXX object a.o')).toBe(25)
    expect(percentOf('-- Configuring done')).toBeUndefined()
  })

  describe.skipIf(onWindows)(
    `while it is built${onWindows ? ' (skipped: needs a shell)' : ''}`,
    { timeout: 60_000 },
    () => {
      /** A build that never ends, with a compiler that holds on to its output. */
      const endless = `[ "$1" = --version ] && exit
        trap 'echo > "$HERE/ended"; exit 1' TERM
        sleep 600 &
        echo > "$HERE/begun"
        wait`

      it('ends with all its compilers as soon as nobody wants it any more', async () => {
        const cmake = await fakeCmake(endless)
        const controller = new AbortController()
        const options = { nativeDir, cmake, signal: controller.signal }
        const built = ensureWhisperLibrary(options).catch((error: unknown) => error)
        await appears(join(cmake, '..', 'begun'))
        controller.abort(new Error('not wanted'))
        expect(await built).toEqual(new Error('not wanted'))
        expect((await readdir(nativeDir)).filter((name) => name.startsWith('.build-'))).toEqual([])
      })

      it.each(['SIGINT', 'SIGTERM'] as const)('ends with its process on %s', async (signal) => {
        const cmake = await fakeCmake(endless)
        const module = new URL('ensure-library.ts', import.meta.url).href
        const script = `import(${JSON.stringify(module)}).then(({ ensureWhisperLibrary }) =>
          ensureWhisperLibrary(${JSON.stringify({ nativeDir, cmake })}))`
        const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
        const child = spawn(process.execPath, ['--import', loader, '-e', script])
        const ended = once(child, 'exit')
        onTestFinished(() => void child.kill('SIGKILL'))
        await appears(join(cmake, '..', 'begun'))
        child.kill(signal)
        expect(await ended).toEqual([null, signal])
        await appears(join(cmake, '..', 'ended'))
      })
    },
  )
})

async function appears(path: string): Promise<void> {
  await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true)
}
