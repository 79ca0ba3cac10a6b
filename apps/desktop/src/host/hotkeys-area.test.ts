import { describe, expect, it } from 'vitest'
import type { DesktopState } from '../api/desktop-state.ts'
import { settingsSchema } from '../settings/settings.ts'
import { createRecordingShell } from '../testing/recording-shell.ts'
import { createHotkeysArea } from './hotkeys-area.ts'

describe('hotkeys', () => {
  it('do one thing each: a key that is chosen twice does the first, and the user is told', async () => {
    const shell = createRecordingShell()
    let views: Partial<DesktopState['hotkeys']> = {}
    const nothing = async () => undefined
    const hotkeys = createHotkeysArea({
      shell,
      actions: {
        start: nothing,
        stop: nothing,
        toggle: nothing,
        toggleMute: () => undefined,
        nextLanguage: () => undefined,
        mute: () => expect.unreachable('nobody talks by a key that does something else'),
      },
      ctlCommand: 'saywire ctl',
      publish: (next) => (views = next),
      onNotice: () => undefined,
    })
    const chosen = { toggle: 'Alt+Shift+C', mute: 'Alt+M', pushToTalk: 'Shift+Alt+c' }
    await hotkeys.apply(settingsSchema.parse({ hotkeys: chosen }).hotkeys)
    expect(shell.calls).toContainEqual([
      'setHotkeys',
      {
        toggle: 'Alt+Shift+C',
        start: '',
        stop: '',
        mute: 'Alt+M',
        pushToTalk: '',
        nextLanguage: '',
      },
    ])
    expect(views.toggle?.status).toBe('active')
    expect(views.pushToTalk).toMatchObject({
      status: 'taken',
      sentence: expect.stringContaining('something else') as string,
    })
    expect(views.start?.status).toBe('none')
  })
})
