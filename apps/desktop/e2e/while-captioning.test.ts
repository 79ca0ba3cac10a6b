import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { DesktopState } from '../src/api/desktop-state.ts'
import { virtualMicrophoneMissing } from '../src/capture/testing/virtual-microphone.ts'
import { askApp } from '../src/control/control-client.ts'
import { controlPath } from '../src/control/control-messages.ts'
import { askHost } from './testing/ask-host.ts'
import { SKIPPED as NO_BROWSER } from './testing/chromium.ts'
import type { LaunchedApp } from './testing/launch-app.ts'
import { SKIPPED as NO_APP } from './testing/launch-app.ts'
import { createStreamer } from './testing/streamer.ts'

const missing = virtualMicrophoneMissing
const SKIPPED =
  NO_APP || NO_BROWSER || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')
const SOON = { timeout: 120_000, interval: 100 }

const stateOf = async ({ window }: LaunchedApp) =>
  ((await askHost(window, 'state.get')) as DesktopState).session

async function startCaptions(app: LaunchedApp): Promise<void> {
  await expect.poll(async () => (await stateOf(app)).startBlockers, SOON).toEqual([])
  expect(await askApp(controlPath(app.dataDir), { do: 'start' })).toMatchObject({ ok: true })
  await expect.poll(async () => (await stateOf(app)).indicator, SOON).toBe('listening')
}

/** Writes down from now on what the tray icon says when one points at it. */
async function watchTray({ electron }: LaunchedApp) {
  return electron.evaluateHandle(({ Tray }) => {
    const said: string[] = []
    const { setToolTip } = Tray.prototype
    Tray.prototype.setToolTip = function say(text) {
      said.push(text)
      setToolTip.call(this, text)
    }
    return said
  })
}

describe.skipIf(SKIPPED !== '')(`the app while it captions${SKIPPED}`, () => {
  it('stays in the tray when its window is closed, and shows there how it is', async () => {
    await using streamer = await createStreamer()
    const { app } = streamer
    const tray = await watchTray(app)
    await startCaptions(app)
    const isVisible = await app.electron.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.close()
      return window?.isVisible()
    })
    expect(isVisible).toBe(false)
    const spoken = streamer.speak()
    await expect.poll(async () => streamer.files('srt'), SOON).toMatch(/country/i)
    await spoken
    await askApp(controlPath(app.dataDir), { do: 'mute' })
    await expect.poll(async () => (await tray.jsonValue()).at(-1), SOON).toBe('Saywire: muted')
    await askApp(controlPath(app.dataDir), { do: 'stop' })
    await expect.poll(async () => (await tray.jsonValue()).at(-1), SOON).toBe('Saywire: ready')
    expect(await tray.jsonValue()).toContain('Saywire: listening')

    // Nobody reads captions any more: closing is quitting.
    const ended = once(app.electron.process(), 'exit')
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    expect(await ended).toEqual([0, null])
  })

  it('lets the last words reach their file when it is quit while somebody speaks', async () => {
    await using streamer = await createStreamer()
    const { app } = streamer
    await startCaptions(app)
    await streamer.speak()
    const ended = once(app.electron.process(), 'exit')
    await app.electron.evaluate(({ app: electronApp }) => electronApp.quit())
    expect(await ended).toEqual([0, null])
    // The recording's last sentence, which was just being said.
    expect(await streamer.files('srt')).toMatch(/do for your country/i)
  })

  it('goes on when its microphone process is killed', async () => {
    await using streamer = await createStreamer()
    const { app } = streamer
    await startCaptions(app)
    const { startedAtMs } = await stateOf(app)
    const metrics = await app.electron.evaluate(({ app: electronApp }) =>
      electronApp.getAppMetrics(),
    )
    const microphones = metrics.filter(({ name }) => name === 'Saywire microphone')
    expect(microphones.length).toBeGreaterThan(0)
    for (const { pid } of microphones) process.kill(pid, 'SIGKILL')
    const pidsNow = async () =>
      app.electron.evaluate(({ app: electronApp }) =>
        electronApp
          .getAppMetrics()
          .flatMap(({ name, pid }) => (name === 'Saywire microphone' ? pid : [])),
      )
    await expect
      .poll(
        async () => (await pidsNow()).filter((pid) => !microphones.some((old) => old.pid === pid)),
        SOON,
      )
      .not.toEqual([])
    await expect.poll(async () => (await stateOf(app)).indicator, SOON).toBe('listening')
    const spoken = streamer.speak()
    await expect.poll(async () => streamer.files('srt'), SOON).toMatch(/country/i)
    await spoken
    expect((await stateOf(app)).startedAtMs).toBe(startedAtMs)
  })
})
