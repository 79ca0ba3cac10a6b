import type { FileHandle } from 'node:fs/promises'
import { copyFile, link, open, rename, rm, stat } from 'node:fs/promises'
import { partPath } from '../write-atomically.ts'

/**
 * A kill can cut one write(2) short, on Linux only between two pages of memory. What replaces the
 * end of a file in place therefore stays within one.
 */
const PAGE_BYTES = 4096

/** A text file that grows before its end (`tail`) and is whole at every moment. */
export interface LiveFile {
  /** Written once it resolves, and safe from a power failure a moment later. */
  append(text: string): Promise<void>
  /** Whether it was deleted, moved away or replaced by somebody else. */
  isGone(): Promise<boolean>
  /** Waits for the disk. */
  close(): Promise<void>
}

/**
 * Creates a file that does not exist yet; it appears with its first content.
 * @throws the file system's error, `EEXIST` where the name is taken
 */
export async function createLiveFile(path: string, text: string, tail: string): Promise<LiveFile> {
  let handle = await createWhole(path, text + tail)
  let endBytes = Buffer.byteLength(text)
  let syncing: Promise<void> | undefined
  let isSynced = true

  /** The disk is waited for beside the writing, so that a slow one delays no caption. */
  function sync(): void {
    isSynced = false
    syncing ??= (async () => {
      while (!isSynced) {
        isSynced = true
        // What the disk says here it says again to the next write.
        await handle.datasync().catch(() => undefined)
      }
      syncing = undefined
    })()
  }

  sync()

  /** Writes over the tail. A write that failed leaves the file as it was. */
  async function writeInPlace(bytes: Buffer): Promise<void> {
    try {
      await writeAll(handle, bytes, endBytes)
    } catch (error) {
      await handle.truncate(endBytes).catch(() => undefined)
      await writeAll(handle, Buffer.from(tail), endBytes).catch(() => undefined)
      throw error
    }
  }

  /** The longer file takes the place of the shorter one at once. */
  async function writeCopy(bytes: Buffer): Promise<void> {
    const part = partPath(path)
    try {
      await copyFile(path, part)
      const copy = await open(part, 'r+')
      try {
        await writeAll(copy, bytes, endBytes)
        await copy.datasync()
      } finally {
        await copy.close()
      }
      await syncing
      // Windows replaces no file that is open.
      await handle.close()
      try {
        await rename(part, path)
      } finally {
        handle = await open(path, 'r+')
      }
    } finally {
      await rm(part, { force: true })
    }
  }

  return {
    async append(text) {
      const bytes = Buffer.from(text + tail)
      const lastByte = endBytes + bytes.length - 1
      const isInPage = Math.floor(endBytes / PAGE_BYTES) === Math.floor(lastByte / PAGE_BYTES)
      await (tail === '' || isInPage ? writeInPlace(bytes) : writeCopy(bytes))
      endBytes += bytes.length - Buffer.byteLength(tail)
      sync()
    },

    async isGone() {
      const [ours, there] = await Promise.all(
        [handle.stat({ bigint: true }), stat(path, { bigint: true })].map((stats) =>
          stats.catch(() => undefined),
        ),
      )
      return !ours || ours.ino !== there?.ino
    },

    async close() {
      await syncing
      await handle.close().catch(() => undefined)
    },
  }
}

/** A link is refused where the name is taken, and shows a file only once it is whole. */
async function createWhole(path: string, text: string): Promise<FileHandle> {
  const part = partPath(path)
  const handle = await open(part, 'wx+')
  try {
    await writeAll(handle, Buffer.from(text), 0)
    await link(part, path)
    return handle
  } catch (error) {
    await handle.close()
    if (isErrno(error, 'EEXIST', 'ENOSPC', 'EDQUOT')) throw error
    return await createWithoutLink(path, text)
  } finally {
    await rm(part, { force: true })
  }
}

/** FAT and exFAT know no links, and each system says so by another code. */
async function createWithoutLink(path: string, text: string): Promise<FileHandle> {
  const handle = await open(path, 'wx+')
  try {
    await writeAll(handle, Buffer.from(text), 0)
    return handle
  } catch (error) {
    await handle.close()
    await rm(path, { force: true })
    throw error
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Whether the file system said one of these. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
