/** Writes the newest of what it is given, one at a time. */
export interface LatestNote<T> {
  /**
   * What was given while a write ran, but for the last, is never written by itself: a slow database is
   * not asked for what nobody wants to know. What one note leaves out, the one before still says.
   * @returns resolves when this, or what was given after it, has been written, or could not be
   */
  set(note: T): Promise<void>
  /** Tries again what could not be written. */
  retry(): void
}

/** @param write false: it could not be written */
export function createLatestNote<T extends object>(
  write: (note: T) => Promise<boolean>,
): LatestNote<T> {
  let next: T | undefined
  let writing: Promise<void> | undefined

  async function writeAll(): Promise<void> {
    for (let isUp = true; isUp && next;) {
      const note: T = next
      next = undefined
      isUp = await write(note)
      if (!isUp) next = { ...note, ...(next as T | undefined) }
    }
    writing = undefined
  }

  return {
    async set(note) {
      next = { ...next, ...note }
      writing ??= writeAll()
      return writing
    },
    retry() {
      if (next) writing ??= writeAll()
    },
  }
}
