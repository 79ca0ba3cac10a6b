import { setTimeout as sleep } from 'node:timers/promises'
import lockfile from 'proper-lockfile'

const RETRY_MS = 250
/** A holder that died is noticed after this long. */
const STALE_MS = 10_000

export interface FileLockOptions {
  readonly signal?: AbortSignal | undefined
  /** Called again and again while another process holds the lock. */
  readonly onWait?: (() => void) | undefined
}

/**
 * Runs `work` while no other process (nor another call in this one) holds the lock at `path`; its
 * folder must exist. Rejects with the signal's reason when aborted while waiting.
 */
export async function withFileLock<T>(
  path: string,
  { signal, onWait }: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const release = await acquire(path, signal, onWait)
  try {
    return await work()
  } finally {
    // Lost where the machine slept: then somebody else removed it already.
    await release().catch(() => {})
  }
}

async function acquire(
  path: string,
  signal: AbortSignal | undefined,
  onWait: (() => void) | undefined,
): Promise<() => Promise<void>> {
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await lockfile.lock(path, {
        realpath: false,
        stale: STALE_MS,
        // The default throws out of a timer and would end the whole process.
        onCompromised: () => {},
      })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ELOCKED') throw error
    }
    onWait?.()
    await sleep(RETRY_MS, undefined, signal ? { signal } : {})
  }
}
