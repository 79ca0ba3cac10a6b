import { expect, it } from 'vitest'
import type { Settings } from '../../settings/settings.ts'
import { createHotkeys } from './hotkeys.ts'

const NONE = { toggle: '', start: '', stop: '', mute: '', pushToTalk: '', nextLanguage: '' }

/** A desktop where another program has F9, and F13 is no key. */
function fakeDesktop({ seesKeys = true } = {}) {
  const registered = new Map<string, () => void>()
  const events: string[] = []
  let released: (() => void) | undefined
  let watchers = 0
  const hotkeys = createHotkeys({
    shortcuts: {
      register(accelerator, pressed) {
        if (accelerator === 'F13+') throw new TypeError('conversion failure')
        if (accelerator === 'F9' || registered.has(accelerator)) return false
        registered.set(accelerator, pressed)
        return true
      },
      unregisterAll: () => registered.clear(),
    },
    async watchKeys() {
      if (!seesKeys) return undefined
      watchers += 1
      return { watch: (next) => void (released = next), close: () => void (watchers -= 1) }
    },
  })
  return {
    hotkeys,
    events,
    set: (some: Partial<Settings['hotkeys']>) =>
      hotkeys.set({ ...NONE, ...some }, (action, edge) => events.push(`${action} ${edge}`)),
    press: (accelerator: string) => registered.get(accelerator)?.(),
    release: () => released?.(),
    registered,
    watchers: () => watchers,
  }
}

it('tells for each key whether it works here', async () => {
  const { set } = fakeDesktop()
  const keys = { toggle: 'F8', start: 'F9', stop: 'F8', mute: 'F13+' }
  expect(await set(keys)).toEqual({
    toggle: 'active',
    start: 'taken',
    stop: 'taken',
    mute: 'unsupported',
    pushToTalk: 'none',
    nextLanguage: 'none',
  })
})

it('tells push-to-talk by one press and one release, however often the held key repeats', async () => {
  const desktop = fakeDesktop()
  expect(await desktop.set({ pushToTalk: 'F7' })).toMatchObject({ pushToTalk: 'active' })
  for (let repeat = 0; repeat < 5; repeat++) desktop.press('F7')
  desktop.release()
  desktop.release()
  desktop.press('F7')
  expect(desktop.events).toEqual([
    'pushToTalk pressed',
    'pushToTalk released',
    'pushToTalk pressed',
  ])
})

it('does not offer push-to-talk where a release cannot be seen, and leaves the key alone', async () => {
  const desktop = fakeDesktop({ seesKeys: false })
  expect(await desktop.set({ pushToTalk: 'F7' })).toMatchObject({ pushToTalk: 'unsupported' })
  expect(desktop.registered.size).toBe(0)
})

it('looks at keys only while push-to-talk has one', async () => {
  const desktop = fakeDesktop()
  await desktop.set({ toggle: 'F8' })
  expect(desktop.watchers()).toBe(0)
  await desktop.set({ pushToTalk: 'F7' })
  expect(desktop.watchers()).toBe(1)
  await desktop.set({ pushToTalk: 'F9' })
  expect(desktop.watchers()).toBe(0)
})

it('lets go of what is held when the keys change', async () => {
  const desktop = fakeDesktop()
  await desktop.set({ pushToTalk: 'F7' })
  desktop.press('F7')
  await desktop.set({})
  expect(desktop.events).toEqual(['pushToTalk pressed', 'pushToTalk released'])
  expect(desktop.registered.size).toBe(0)
})
