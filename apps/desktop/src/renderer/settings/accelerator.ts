interface Keys {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ' ': 'Space',
  '+': 'Plus',
}
const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'])

/**
 * What Electron calls the keys that are pressed: `CommandOrControl+Shift+C`. Undefined while only
 * modifiers are down, or where a plain letter would be taken from every other program.
 */
export function acceleratorOf(keys: Keys): string | undefined {
  if (MODIFIERS.has(keys.key)) return undefined
  const modifiers = [
    keys.ctrlKey && 'Control',
    keys.metaKey && 'Super',
    keys.altKey && 'Alt',
    keys.shiftKey && 'Shift',
  ].filter((modifier) => modifier !== false)
  const isFunctionKey = /^F\d{1,2}$/.test(keys.key)
  if (modifiers.every((modifier) => modifier === 'Shift') && !isFunctionKey) return undefined
  return [...modifiers, nameOf(keys)].join('+')
}

/** With Shift or Alt a key writes another sign, so that letters and digits go by their place. */
function nameOf({ key, code }: Keys): string {
  const placed = /^(?:Key|Digit)(.)$/.exec(code)?.[1]
  if (placed) return placed
  const pad = /^Numpad(\d)$/.exec(code)?.[1]
  if (pad) return `num${pad}`
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)
}
