/** How the words of a script that is said over and over came out. */
export interface WordTally {
  readonly said: number
  readonly lost: number
  readonly doubled: number
  /** Torn words, mostly. */
  readonly invented: number
  hear(text: string): void
}

/** @param length words of the script, `w1` to `w<length>` */
export function createWordTally(length: number): WordTally {
  let said = 0
  let lost = 0
  let doubled = 0
  let invented = 0
  /** From 1; 0 before the first. */
  let latest = 0

  return {
    get said() {
      return said
    },
    get lost() {
      return lost
    },
    get doubled() {
      return doubled
    },
    get invented() {
      return invented
    },
    hear(text) {
      const number = Number(/^w(\d+)$/i.exec(text)?.[1])
      if (!(number >= 1 && number <= length)) {
        invented += 1
        return
      }
      said += 1
      const skipped = (number - latest - 1 + 2 * length) % length
      // Nearer behind than ahead: it has been there before.
      if (skipped > length / 2) doubled += 1
      else {
        lost += skipped
        latest = number
      }
    },
  }
}
