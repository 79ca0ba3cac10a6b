import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { onExit } from 'signal-exit'
import { hasVulkanSdk } from './vulkan-sdk.ts'

const TARGET = 'saywire-whisper'
const BUILD_DIR_PREFIX = '.build-'

/** Why the addon could not be built, in a sentence that says what to do. */
export class NativeBuildError extends Error {
  override readonly name = 'NativeBuildError'
}

/**
 * File name of the addon for this machine. Everything that decides what a build produces is in it:
 * whisper.cpp's version, our sources, the C library, and, unless it is to be `portable`, the CPU, as the
 * code is made for exactly that, and whether Vulkan can be built in.
 * @throws NativeBuildError where whisper.cpp's sources are not installed
 */
export async function nativeLibraryName(portable = false, glslc?: string): Promise<string> {
  const hash = createHash('sha256')
  const { sourceDir, whisperPackageDir } = buildInputs()
  for (const file of (await readdir(sourceDir)).toSorted()) {
    hash.update(file).update(await readFile(join(sourceDir, file)))
  }
  hash.update(portable ? 'portable' : await cpuFingerprint()).update(cLibrary())
  if (await buildsVulkan(portable, glslc)) hash.update('vulkan')
  const version = await readFile(join(whisperPackageDir, 'package.json'), 'utf8')
  hash.update((JSON.parse(version) as { version: string }).version)
  return `whisper-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 16)}.node`
}

export interface NativeBuildOptions {
  readonly nativeDir: string
  /** Name of the file to make in it. */
  readonly name: string
  /** For other machines than this one: slower, but not tied to its CPU. Default false. */
  readonly portable?: boolean | undefined
  /** Called with 0–100, never decreasing. */
  readonly onPercent?: ((percent: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Default `cmake`, found through PATH. */
  readonly cmake?: string | undefined
  /** Vulkan's shader compiler. Default `glslc`, found through PATH. */
  readonly glslc?: string | undefined
}

/**
 * Builds the addon (about a minute on two cores; with Vulkan ten) and puts it in place in one step.
 * Where it does not build with Vulkan it is built without.
 * Callers hold a lock: what an interrupted build left behind is removed.
 * @throws NativeBuildError, or the signal's reason
 */
export async function buildNativeLibrary(options: NativeBuildOptions): Promise<void> {
  const { portable = false, glslc, onPercent } = options
  let best = 0
  const rising = (percent: number) => {
    if (percent > best) onPercent?.((best = percent))
  }
  if (await buildsVulkan(portable, glslc)) {
    try {
      return await build({ ...options, onPercent: rising }, true)
    } catch (error) {
      if (!(error instanceof NativeBuildError)) throw error
    }
  }
  await build({ ...options, onPercent: rising }, false)
}

/** Vulkan's loader must be there where the addon is loaded, so what is shipped does without. */
async function buildsVulkan(portable: boolean, glslc?: string): Promise<boolean> {
  return !portable && process.platform !== 'darwin' && (await hasVulkanSdk(glslc))
}

async function build(options: NativeBuildOptions, vulkan: boolean): Promise<void> {
  const { nativeDir, name, portable = false, onPercent, signal, cmake = 'cmake' } = options
  await removeOldBuilds(nativeDir)
  await run(cmake, ['--version'], { signal })
  await mkdir(nativeDir, { recursive: true })
  const buildDir = await mkdtemp(join(nativeDir, BUILD_DIR_PREFIX))
  try {
    await run(cmake, configureArguments(buildDir, portable, vulkan), { signal })
    const jobs = String(availableParallelism())
    const build = ['--build', buildDir, '--target', TARGET, '--config', 'Release', '-j', jobs]
    await run(cmake, build, { signal, onLine: (line) => onPercent?.(percentOf(line) ?? 0) })
    await rename(join(buildDir, 'out', `${TARGET}.node`), join(nativeDir, name))
  } finally {
    await rm(buildDir, { recursive: true, force: true })
  }
}

/** Progress in a line of Make (`[ 42%] Building`) or Ninja (`[12/80] Building`), 0–100. */
export function percentOf(line: string): number | undefined {
  const make = /^\[\s*(\d+)%\]/.exec(line)?.[1]
  if (make) return Number(make)
  const ninja = /^\[(\d+)\/(\d+)\]/.exec(line)
  return ninja ? Math.floor((100 * Number(ninja[1])) / Number(ninja[2])) : undefined
}

function configureArguments(buildDir: string, portable: boolean, vulkan: boolean): string[] {
  const { sourceDir, whisperPackageDir, nodeApiDir, addonApiDir } = buildInputs()
  const define = (name: string, value: string) => `-D${name}=${value.replaceAll('\\', '/')}`
  return [
    '-S',
    sourceDir,
    '-B',
    buildDir,
    define('CMAKE_BUILD_TYPE', 'Release'),
    define('SAYWIRE_PORTABLE', portable ? 'ON' : 'OFF'),
    define('SAYWIRE_VULKAN', vulkan ? 'ON' : 'OFF'),
    define('WHISPER_DIR', join(whisperPackageDir, 'cpp', 'whisper.cpp')),
    define('NODE_API_INCLUDE', join(nodeApiDir, 'include')),
    define('NODE_API_DEF', join(nodeApiDir, 'def', 'node_api.def')),
    define('NODE_ADDON_API_INCLUDE', addonApiDir),
  ]
}

interface BuildInputs {
  /** Our own addon's sources. */
  readonly sourceDir: string
  /** Holds whisper.cpp's sources; the npm package is used for nothing else. */
  readonly whisperPackageDir: string
  readonly nodeApiDir: string
  readonly addonApiDir: string
}

/**
 * Found by this package's name and not beside this file, which a bundle takes elsewhere. A packaged
 * app has none of them.
 */
function buildInputs(): BuildInputs {
  try {
    const speech = createRequire(import.meta.url).resolve('@saywire/speech/package.json')
    const require = createRequire(speech)
    return {
      sourceDir: join(dirname(speech), 'native'),
      whisperPackageDir: dirname(require.resolve('nodejs-whisper/package.json')),
      nodeApiDir: dirname(require.resolve('node-api-headers/package.json')),
      addonApiDir: dirname(require.resolve('node-addon-api/package.json')),
    }
  } catch {
    throw new NativeBuildError(
      "whisper.cpp's sources (npm package nodejs-whisper) are not installed; install without --no-optional.",
    )
  }
}

/** The instruction sets matter, and a virtual machine's model name does not tell them. */
async function cpuFingerprint(): Promise<string> {
  const info = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  const flags = /^(?:flags|Features)\s*:.*$/m.exec(info)?.[0] ?? ''
  return `${cpus()[0]?.model ?? ''} ${flags}`
}

/** What is built against one does not load with another, or with an older version of it. */
function cLibrary(): string {
  if (process.platform !== 'linux') return ''
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  const { glibcVersionRuntime: version } = report.header
  return version === undefined ? 'musl' : `glibc ${version}`
}

async function removeOldBuilds(nativeDir: string): Promise<void> {
  const names = await readdir(nativeDir).catch(() => [])
  for (const name of names.filter((name) => name.startsWith(BUILD_DIR_PREFIX))) {
    await rm(join(nativeDir, name), { recursive: true, force: true })
  }
}

interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly onLine?: (line: string) => void
}

async function run(command: string, args: readonly string[], options: RunOptions): Promise<void> {
  options.signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    // A group of its own: CMake's compilers must end with it.
    const isWindows = process.platform === 'win32'
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
    })
    const abort = () => killTree(child.pid, isWindows)
    // Ctrl-C in a terminal does not reach a group of its own: it ends with this process.
    const stopWatchingExit = onExit(abort)
    options.signal?.addEventListener('abort', abort, { once: true })
    let output = ''
    const take = (chunk: string) => {
      output = (output + chunk).slice(-16_000)
      for (const line of chunk.split(/\r?\n/)) options.onLine?.(line)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    const settle = (error?: Error) => {
      stopWatchingExit()
      options.signal?.removeEventListener('abort', abort)
      if (options.signal?.aborted) reject(options.signal.reason as Error)
      else if (error) reject(error)
      else resolve()
    }
    child.once('error', () => settle(new NativeBuildError(toolsMissing())))
    child.once('close', (code) => settle(code === 0 ? undefined : buildFailure(output)))
  })
}

function killTree(pid: number | undefined, isWindows: boolean): void {
  if (pid === undefined) return
  if (isWindows) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'])
  else {
    try {
      process.kill(-pid, 'SIGTERM')
    } catch {
      // It has ended by itself.
    }
  }
}

function buildFailure(output: string): NativeBuildError {
  const noTools = /could not (?:find|be found)|No CMAKE_\w+_COMPILER|CMAKE_MAKE_PROGRAM is not set/i
  if (noTools.test(output)) return new NativeBuildError(toolsMissing())
  const lines = output.split(/\r?\n/)
  const reason = lines.find((line) => /error[ :]/i.test(line)) ?? lines.findLast(Boolean) ?? ''
  return new NativeBuildError(`The speech library could not be built: ${reason.trim()}`)
}

function toolsMissing(): string {
  return `CMake and a C++ compiler are needed to build the fast speech library: ${installHint()}`
}

function installHint(): string {
  switch (process.platform) {
    case 'darwin':
      return 'run `xcode-select --install` and `brew install cmake`.'
    case 'win32':
      return 'run `winget install Kitware.CMake Microsoft.VisualStudio.2022.BuildTools` and choose "Desktop development with C++".'
    default:
      return 'run `sudo apt-get install cmake g++ make` (Fedora: `sudo dnf install cmake gcc-c++ make`).'
  }
}
