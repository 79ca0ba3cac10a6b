import { useEffect, useEffectEvent } from 'react'

const IS_MAC = navigator.platform.startsWith('Mac')

/** Keys within the window; Control is Command on a Mac. `aria` is for `aria-keyshortcuts`. */
export const SHORTCUTS = {
  toggle: { key: 'Enter', shift: false, shown: 'Enter' },
  mute: { key: 'm', shift: true, shown: 'Shift+M' },
  save: { key: 's', shift: false, shown: 'S' },
  search: { key: 'f', shift: false, shown: 'F' },
  captions: { key: '1', shift: false, shown: '1' },
  history: { key: '2', shift: false, shown: '2' },
  settings: { key: ',', shift: false, shown: ',' },
} as const
export type ShortcutName = keyof typeof SHORTCUTS

/** `Ctrl+Enter`, `⌘Enter`. */
export function shownKeys(name: ShortcutName): string {
  const { shown } = SHORTCUTS[name]
  return IS_MAC ? `⌘${shown.replace('Shift+', '⇧')}` : `Ctrl+${shown}`
}

/** For `aria-keyshortcuts`. */
export function ariaKeys(name: ShortcutName): string {
  return `${IS_MAC ? 'Meta' : 'Control'}+${SHORTCUTS[name].shown}`
}

/** Calls what belongs to a key that is pressed anywhere in the window, dialogs apart. */
export function useShortcuts(actions: Partial<Record<ShortcutName, () => void>>): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const isCommand = IS_MAC ? event.metaKey : event.ctrlKey
    if (!isCommand || event.altKey || event.defaultPrevented) return
    if (document.querySelector('dialog[open]')) return
    for (const [name, action] of Object.entries(actions) as [ShortcutName, () => void][]) {
      const { key, shift } = SHORTCUTS[name]
      if (event.key.toLowerCase() !== key.toLowerCase() || event.shiftKey !== shift) continue
      // Also of a held key that repeats: the app's menu would take it.
      event.preventDefault()
      if (!event.repeat) action()
    }
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => press(event)
    addEventListener('keydown', listener)
    return () => removeEventListener('keydown', listener)
  }, [])
}
