import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { DesktopState } from '../src/api/desktop-state.ts'
import { virtualMicrophoneMissing } from '../src/capture/testing/virtual-microphone.ts'
import { askHost, tellHost } from './testing/ask-host.ts'
import { SKIPPED as NO_BROWSER } from './testing/chromium.ts'
import { findDisplay, isInstalled } from './testing/display.ts'
import type { LaunchedApp } from './testing/launch-app.ts'
import { launchApp, SKIPPED as NO_APP } from './testing/launch-app.ts'
import { createStreamer } from './testing/streamer.ts'

const noKeyboard = isInstalled('xdotool') ? undefined : 'xdotool'
const missing = virtualMicrophoneMissing ?? noKeyboard
const SKIPPED =
  NO_APP || NO_BROWSER || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')
const SOON = { timeout: 120_000, interval: 100 }

/** Real key events on the display that the app is on; no window of it needs the focus. */
async function press(action: 'key' | 'keydown' | 'keyup', key: string): Promise<void> {
  const env = { ...process.env, DISPLAY: await findDisplay() }
  const { status, stderr } = spawnSync('xdotool', [action, key], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`xdotool ${action} ${key}: ${stderr}`)
}

const stateOf = async ({ window }: LaunchedApp) =>
  (await askHost(window, 'state.get')) as DesktopState

describe.skipIf(SKIPPED !== '')(`global hotkeys${SKIPPED}`, () => {
  it('start, mute and stop captions while the window is hidden', async () => {
    const settings = { hotkeys: { toggle: 'Control+Shift+F8', mute: 'Control+Shift+F9' } }
    await using streamer = await createStreamer({ settings })
    const { app } = streamer
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    const session = async () => (await stateOf(app)).session
    await expect.poll(async () => (await session()).startBlockers, SOON).toEqual([])
    await press('key', 'ctrl+shift+F8')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
    await press('key', 'ctrl+shift+F9')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('muted')
    await press('key', 'ctrl+shift+F9')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
    await press('key', 'ctrl+shift+F8')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('idle')
  })

  it('let one talk by holding a key, and not a moment longer', async () => {
    const settings = { hotkeys: { toggle: 'Control+Shift+F8', pushToTalk: 'Control+F7' } }
    await using streamer = await createStreamer({ settings })
    const { app } = streamer
    const session = async () => (await stateOf(app)).session
    await expect
      .poll(async () => (await stateOf(app)).hotkeys.pushToTalk.status, SOON)
      .toBe('active')
    await expect.poll(async () => (await session()).startBlockers, SOON).toEqual([])
    await press('key', 'ctrl+shift+F8')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('muted')
    await press('keydown', 'ctrl+F7')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
    // Another key that comes and goes is not the one that is held.
    await press('key', 'a')
    const spoken = streamer.speak()
    await expect.poll(async () => streamer.files('srt'), SOON).toMatch(/country/i)
    await spoken
    expect((await session()).isMuted).toBe(false)
    await press('keyup', 'ctrl+F7')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('muted')
  })

  it('are said to be taken where another program has them, and work once it has let go', async () => {
    const hotkeys = { mute: 'Control+Shift+F6' }
    await using app = await launchApp()
    {
      await using other = await launchApp()
      await tellHost(other.window, 'settings.update', { hotkeys })
      const others = async () => (await stateOf(other)).hotkeys.mute.status
      await expect.poll(others, SOON).toBe('active')
      await tellHost(app.window, 'settings.update', { hotkeys })
      const mine = async () => (await stateOf(app)).hotkeys.mute
      await expect.poll(mine, SOON).toMatchObject({ status: 'taken' })
      expect((await mine()).sentence).toMatch(/another program/i)
    }
    await tellHost(app.window, 'settings.update', { hotkeys: { mute: '' } })
    await tellHost(app.window, 'settings.update', { hotkeys })
    await expect.poll(async () => (await stateOf(app)).hotkeys.mute.status, SOON).toBe('active')
  })
})
