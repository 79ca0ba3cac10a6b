/** How many there are now, in all and of each key. A key of which there are none takes no memory. */
export interface Tally {
  readonly total: number
  of(key: string): number
  /** @returns takes it back, once, however often it is called */
  add(key: string): () => void
}

export function createTally(): Tally {
  const counts = new Map<string, number>()
  let total = 0

  function change(key: string, by: 1 | -1): void {
    total += by
    const count = (counts.get(key) ?? 0) + by
    if (count === 0) counts.delete(key)
    else counts.set(key, count)
  }

  return {
    get total() {
      return total
    },
    of: (key) => counts.get(key) ?? 0,
    add(key) {
      change(key, 1)
      let isCounted = true
      return () => {
        if (isCounted) change(key, -1)
        isCounted = false
      }
    },
  }
}
