import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { hostname, release } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { identityOf } from './library/loadable.ts'
import type { WhisperLibrary } from './library/whisper-binding.ts'

/** A new driver may mend it, and not every system tells that it has one. */
const TRY_AGAIN_AFTER_MS = 30 * 24 * 3_600_000

export interface GpuFallbackDeps {
  /** Where it is remembered; made when missing. */
  readonly nativeDir: string
  /** False: never a GPU. */
  readonly wanted: boolean
  /** One sentence for the user. */
  readonly onNotice?: ((sentence: string) => void) | undefined
  /** Wall clock, ms since 1970. */
  readonly now: () => number
}

export interface GpuUse {
  readonly gpu: boolean
  /** To be called where the GPU is to blame for what was started with it, now or later. */
  readonly onGpuFailure: (reason: string) => void
  /** To be called before it is given up to start, where a GPU may be why. */
  readonly onGpuSuspect: () => void
}

/** Starts with a GPU and goes on without. */
export interface GpuFallback {
  /**
   * Starts what uses the library: with the GPU unless it failed before, without where that fails.
   * @throws what `start` throws without the GPU
   */
  start<Started>(
    library: WhisperLibrary,
    start: (use: GpuUse) => Promise<Started>,
  ): Promise<Started>
}

/**
 * Remembers beside the built library that its GPU fails. It is tried again with another library,
 * another version of the system (its drivers come with it, or with its kernel), after 30 days, or when
 * the note is removed.
 */
export function createGpuFallback(deps: GpuFallbackDeps): GpuFallback {
  let failed = false

  function giveUp(path: string, reason: string, note: string | undefined): void {
    if (failed) return
    failed = true
    deps.onNotice?.(sentence(reason, path))
    if (note !== undefined) void remember(path, note, deps.now())
  }

  return {
    async start(library, start) {
      const nothing = () => undefined
      const without: GpuUse = { gpu: false, onGpuFailure: nothing, onGpuSuspect: nothing }
      const knowsGpus = library.kind === 'native' || library.kind === 'shipped'
      if (!deps.wanted || !knowsGpus || failed) return start(without)
      const path = join(deps.nativeDir, `${basename(library.path)}.gpu-fails`)
      const note = await noteFor(library.path).catch(() => undefined)
      if (await isRemembered(path, note, deps.now())) return start(without)
      const onGpuFailure = (reason: string) => giveUp(path, reason, note)
      let isSuspect = false
      const onGpuSuspect = () => (isSuspect = true)
      try {
        return await start({ gpu: true, onGpuFailure, onGpuSuspect })
      } catch (error) {
        if (!isSuspect) throw error
        // Where it fails without, too, the GPU is not to blame.
        const started = await start(without)
        onGpuFailure(reasonOf(error))
        return started
      }
    },
  }
}

async function noteFor(libraryPath: string): Promise<string> {
  return `${await identityOf(libraryPath)} ${hostname()} ${release()}`
}

async function remember(path: string, note: string, nowMs: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${nowMs} ${note}`)
  } catch {
    // Without the note it only fails once more next time.
  }
}

async function isRemembered(
  path: string,
  note: string | undefined,
  nowMs: number,
): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const [, sinceMs = '', noted] = /^(\d+) (.*)$/.exec(text) ?? []
  return note !== undefined && noted === note && nowMs - Number(sinceMs) < TRY_AGAIN_AFTER_MS
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  return typeof cause === 'string' ? cause : message
}

function sentence(reason: string, path: string): string {
  return `Speech recognition failed on the graphics processor (${reason}): from now on the main processor does it. To try it again, update its driver, remove ${path} and start Saywire anew.`
}
