import { open, rename, rm } from 'node:fs/promises'

/**
 * Writes a file whole or not at all: to a temporary file beside it, onto the disk, then renamed, so
 * that neither a crash nor a power cut leaves half of it. Mode 0600.
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}
