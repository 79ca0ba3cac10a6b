/**
 * Writes the newest of what it is given, one at a time: what was given while a write ran, but for
 * the last, is never written. So a slow database is not asked for what nobody wants to know.
 * @param write must not reject
 * @returns resolves when this, or what was given after it, has been written
 */
export function createLatestNote<T extends object>(
  write: (note: T) => Promise<void>,
): (note: T) => Promise<void> {
  let next: T | undefined
  let writing: Promise<void> | undefined

  async function writeAll(): Promise<void> {
    while (next) {
      const note = next
      next = undefined
      await write(note)
    }
    writing = undefined
  }

  return async (note) => {
    // What an unwritten note says and this one does not still holds.
    next = { ...next, ...note }
    writing ??= writeAll()
    return writing
  }
}
