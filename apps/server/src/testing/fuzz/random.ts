/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** @returns 0 to `below` - 1 */
  int(below: number): number
  /** @param share of all calls, 0 to 1, of which the answer is true */
  chance(share: number): boolean
  /** @param items at least one */
  pick<T>(items: readonly T[]): T
  bytes(count: number): Buffer
}

/** Mulberry32: small, fast, and good enough to choose test cases by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number): number => Math.floor(next() * below)

  return {
    int,
    chance: (share) => next() < share,
    pick: <T>(items: readonly T[]) => items[int(items.length)] as T,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => int(256))),
  }
}
