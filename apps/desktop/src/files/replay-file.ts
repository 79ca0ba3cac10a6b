import { closeSync, mkdirSync, openSync, readSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BYTES_PER_MS } from '@saywire/protocol'
import type { ReplayStore } from '../core/ports.ts'

/** Audio that is kept: 19 MB. */
export const KEPT_MS = 10 * 60_000
/** Audio does not wait for a disk that takes longer than this over 64 kB, */
const SLOW_MS = 250
/** time and again: a computer that is busy for a moment must not cost what waits there. */
const SLOW_IN_A_ROW = 3
const NAME = /^waiting-speech-(\d+)-\d+\.pcm$/

let filesMade = 0

export interface ReplayFileDeps {
  /** Made where it is missing. Of the user's own: what they said lies in it for minutes. */
  readonly folder: string
  /** One sentence for the user, once. */
  readonly onNotice: (sentence: string) => void
  /** Default: ten minutes. */
  readonly keptMs?: number
  /** Monotonic clock, ms. */
  readonly now?: () => number
}

/**
 * A ring of audio in a temporary file: mode 0600, without a name as soon as it is open (where the
 * system allows that), made only when there is something to keep, gone when that is needed no
 * more. What a killed program may have left is removed first. A few pieces of 64 kB a minute, into
 * the system's cache: the calls are synchronous, and cost a fraction of a millisecond each.
 */
export function createReplayFile(deps: ReplayFileDeps): ReplayStore {
  const { folder, onNotice, keptMs = KEPT_MS, now = () => performance.now() } = deps
  const capacity = keptMs * BYTES_PER_MS
  /** All that was appended since the file was made. */
  let endByte = 0
  let isBroken = false
  let slowInARow = 0
  let file: { readonly fd: number; readonly path: string } | undefined
  removeLeftovers(folder)

  const keptBytes = () => Math.min(endByte, capacity)

  /** False where the disk did not do it, or was slow time and again: it is not used any more then. */
  function attempt(act: () => void): boolean {
    if (isBroken) return false
    const startMs = now()
    try {
      act()
      slowInARow = now() - startMs > SLOW_MS ? slowInARow + 1 : 0
      isBroken = slowInARow >= SLOW_IN_A_ROW
    } catch {
      isBroken = true
    }
    if (!isBroken) return true
    drop()
    onNotice('Waiting speech cannot be kept on the disk: only its last minute can get captions.')
    return false
  }

  function drop(): void {
    endByte = 0
    if (!file) return
    const { fd, path } = file
    file = undefined
    try {
      closeSync(fd)
      rmSync(path, { force: true })
    } catch {
      // It has no name any more, or is removed at the next start.
    }
  }

  /** Runs over the bytes from `position` on: they lie in one piece, or in two. */
  function inRing(position: number, pcm: Uint8Array, act: (piece: Uint8Array, at: number) => void) {
    const at = position % capacity
    const head = Math.min(pcm.byteLength, capacity - at)
    act(pcm.subarray(0, head), at)
    if (head < pcm.byteLength) act(pcm.subarray(head), 0)
  }

  return {
    append(pcm) {
      attempt(() => {
        const { fd } = (file ??= makeFile(folder))
        inRing(endByte, pcm, (piece, at) => {
          for (let done = 0; done < piece.byteLength;) {
            done += writeSync(fd, piece, done, piece.byteLength - done, at + done)
          }
        })
        endByte += pcm.byteLength
      })
    },
    get keptBytes() {
      return keptBytes()
    },
    read(fromByte, toByte) {
      const pcm = new Uint8Array(toByte - fromByte)
      const isRead = attempt(() => {
        inRing(endByte - keptBytes() + fromByte, pcm, (piece, at) => {
          const bytes = file ? readSync(file.fd, piece, 0, piece.byteLength, at) : 0
          if (bytes < piece.byteLength) throw new RangeError('the file is shorter than it was')
        })
      })
      return isRead ? pcm : undefined
    },
    clear: drop,
  }
}

function makeFile(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `waiting-speech-${process.pid}-${++filesMade}.pcm`)
  const fd = openSync(path, 'wx+', 0o600)
  // An open file needs no name: whatever becomes of this process, nothing of it stays.
  try {
    rmSync(path)
  } catch {
    // Not on this system.
  }
  return { fd, path }
}

/** Of programs that run no more. */
function removeLeftovers(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const pid = NAME.exec(name)?.[1]
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true })
    }
  } catch {
    // There is no such folder yet.
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
