/** Physical keys of libuiohook that only ever accompany another one. */
const MODIFIERS: ReadonlySet<number> = new Set([29, 3613, 42, 54, 56, 3640, 3675, 3676])
/** The hotkey and its key-down take different ways here; either may come first. */
const NEWS_MS = 300
/** Some systems repeat a held key as up and down. */
const REPEAT_MS = 40

export interface HeldKeys {
  down(key: number): void
  up(key: number): void
  /**
   * A hotkey was pressed just now: calls back once, when its key or one of its modifiers goes up.
   * Which key that is does not depend on the keyboard's layout: the last that went down. Where none
   * did, keys cannot be seen here; `released` is called then, too, rather than never.
   */
  watch(released: (how: 'seen' | 'blind') => void): void
}

/** Follows the keys that are down, and forgets each when it goes up. */
export function createHeldKeys(): HeldKeys {
  const held = new Set<number>()
  const goingUp = new Map<number, NodeJS.Timeout>()
  let last: { readonly key: number; readonly atMs: number } | undefined
  let watched: ReadonlySet<number> | undefined
  let tell: ((how: 'seen' | 'blind') => void) | undefined

  function finish(how: 'seen' | 'blind'): void {
    watched = undefined
    const released = tell
    tell = undefined
    released?.(how)
  }

  function begin(): void {
    if (!last || performance.now() - last.atMs > 2 * NEWS_MS) return finish('blind')
    watched = new Set([last.key, ...[...held].filter((key) => MODIFIERS.has(key))])
    if (!held.has(last.key)) finish('seen')
  }

  return {
    down(key) {
      clearTimeout(goingUp.get(key))
      goingUp.delete(key)
      if (!held.has(key) && !MODIFIERS.has(key)) last = { key, atMs: performance.now() }
      held.add(key)
    },
    up(key) {
      const forget = () => {
        goingUp.delete(key)
        held.delete(key)
        if (watched?.has(key)) finish('seen')
      }
      clearTimeout(goingUp.get(key))
      goingUp.set(key, setTimeout(forget, REPEAT_MS))
    },
    watch(released) {
      finish('seen')
      tell = released
      if (last && held.has(last.key)) begin()
      else setTimeout(() => tell === released && begin(), NEWS_MS)
    },
  }
}
