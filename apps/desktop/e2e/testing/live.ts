import type { Watchable } from '../../src/api/newest-value.ts'

/** A value that a test sets and a window follows. */
export interface Live<Value> extends Watchable<Value> {
  set(value: Value): void
}

export function createLive<Value>(first: Value): Live<Value> {
  const listeners = new Set<(value: Value) => void>()
  let current = first
  return {
    get: () => current,
    set(value) {
      current = value
      for (const listener of listeners) listener(value)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
