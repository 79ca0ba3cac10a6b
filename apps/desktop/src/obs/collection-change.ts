/** A change that takes longer is taken for over: its end was missed. */
const LONGEST_CHANGE_MS = 30_000

export interface CollectionChange {
  begin(): void
  end(): void
  /** Resolves when no change is under way. */
  over(): Promise<void>
}

/**
 * Holds requests back while OBS changes its scene collection: it may crash where it is asked anything
 * then, as its protocol warns.
 */
export function createCollectionChange(): CollectionChange {
  const waiting = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(timer)
    timer = undefined
    for (const resume of waiting) resume()
    waiting.clear()
  }

  return {
    begin: () => {
      clearTimeout(timer)
      timer = setTimeout(end, LONGEST_CHANGE_MS)
    },
    end,
    over: async () => {
      if (timer !== undefined) await new Promise<void>((resolve) => void waiting.add(resolve))
    },
  }
}
