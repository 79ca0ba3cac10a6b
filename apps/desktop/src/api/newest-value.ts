import { setTimeout as sleep } from 'node:timers/promises'

/** Something that has a present value and tells of each change. */
export interface Watchable<T> {
  get(): T
  /** @returns stops it */
  onChange(listener: (value: T) => void): () => void
}

/**
 * The present value, then the newest one each time the reader comes back for more, with at least
 * `everyMs` between two: what changed in between is skipped. Ends with `signal`.
 */
export async function* newestValue<T>(
  watched: Watchable<T>,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  let newest: { readonly value: T } | undefined = { value: watched.get() }
  let wake: (() => void) | undefined
  const unsubscribe = watched.onChange((value) => {
    newest = { value }
    wake?.()
  })
  const abort = () => wake?.()
  signal.addEventListener('abort', abort)
  try {
    while (!signal.aborted) {
      if (newest) {
        const { value } = newest
        newest = undefined
        yield value
        await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      } else {
        await new Promise<void>((resolve) => (wake = resolve))
        wake = undefined
      }
    }
  } finally {
    signal.removeEventListener('abort', abort)
    unsubscribe()
  }
}
