import { expect, it } from 'vitest'
import { acceleratorOf } from './accelerator.ts'

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

it.each([
  [{ ...none, ctrlKey: true, key: 'c', code: 'KeyC' }, 'Control+C'],
  [{ ...none, ctrlKey: true, shiftKey: true, key: '!', code: 'Digit1' }, 'Control+Shift+1'],
  [{ ...none, altKey: true, key: 'ArrowUp', code: 'ArrowUp' }, 'Alt+Up'],
  [{ ...none, metaKey: true, key: ' ', code: 'Space' }, 'Super+Space'],
  [{ ...none, key: 'F9', code: 'F9' }, 'F9'],
  [{ ...none, ctrlKey: true, key: '5', code: 'Numpad5' }, 'Control+num5'],
])('names keys as Electron does: %j is %s', (keys, accelerator) => {
  expect(acceleratorOf(keys)).toBe(accelerator)
})

it.each([
  { ...none, ctrlKey: true, key: 'Control', code: 'ControlLeft' },
  { ...none, key: 'a', code: 'KeyA' },
  { ...none, shiftKey: true, key: 'A', code: 'KeyA' },
])('takes neither modifiers alone nor keys that everybody types: %j', (keys) => {
  expect(acceleratorOf(keys)).toBeUndefined()
})
