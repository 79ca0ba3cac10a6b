import type { DesktopState } from '../api/desktop-state.ts'
import type { Watchable } from '../api/newest-value.ts'

export interface StateStore extends Watchable<DesktopState> {
  /** Replaces one part. Listeners are told once for all parts that change in the same task. */
  set<Part extends keyof DesktopState>(part: Part, value: DesktopState[Part]): void
  /** Derives anew what depends on more than the state. */
  refresh(): void
}

/**
 * What the windows see, put together of parts that each have one owner.
 * @param derive sets what follows from several parts; pure
 */
export function createStateStore(
  initial: DesktopState,
  derive: (state: DesktopState) => DesktopState,
): StateStore {
  const listeners = new Set<(state: DesktopState) => void>()
  let state = derive(initial)
  let told = true

  function tell(): void {
    told = true
    for (const listener of listeners) listener(state)
  }

  function become(next: DesktopState): void {
    state = derive(next)
    if (told) queueMicrotask(tell)
    told = false
  }

  return {
    get: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set: (part, value) => become({ ...state, [part]: value }),
    refresh: () => become(state),
  }
}
