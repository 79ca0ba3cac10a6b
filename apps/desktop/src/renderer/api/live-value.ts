/** A value that changes, and who wants to know. */
export interface LiveValue<Value> {
  get(): Value
  set(value: Value): void
  /** @returns ends it */
  subscribe(listener: () => void): () => void
}

export function createLiveValue<Value>(first: Value): LiveValue<Value> {
  const listeners = new Set<() => void>()
  let value = first
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
