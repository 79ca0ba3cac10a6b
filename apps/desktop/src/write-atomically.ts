import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Ends the names of files that are being written; nobody else's end like this. */
const PART = '.saywire-part'
/** A part that is older was left by a program that was killed. */
const LEFTOVER_MS = 60_000

/** A name beside `path`, on the same file system. */
export function partPath(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}${PART}`
}

/**
 * Replaces a file, or makes it: whoever reads it, at any time and after any crash or power cut,
 * finds the old text or the new one.
 * @param mode of the file, less what the user's umask takes away
 */
export async function writeAtomically(path: string, text: string, mode = 0o666): Promise<void> {
  const part = partPath(path)
  try {
    const handle = await open(part, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
}

/** Removes what killed programs have left in the folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder)
  for (const name of names.filter((name) => name.endsWith(PART))) {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (stats && Date.now() - stats.mtimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}
