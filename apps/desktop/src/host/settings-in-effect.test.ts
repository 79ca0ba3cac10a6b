import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CaptureTask } from '../capture/capture-messages.ts'
import { askApp } from '../control/control-client.ts'
import { controlPath } from '../control/control-messages.ts'
import { startFakeObs } from '../obs/testing/fake-obs.ts'
import { readEvents } from '../overlay/testing/http-client.ts'
import type { DesktopStage } from '../testing/desktop-stage.ts'
import { SOON, setDesktopStage } from '../testing/desktop-stage.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

/** Nobody listens there. */
const AWAY = 'http://127.0.0.1:9'

describe('a setting that is changed while captions run', { timeout: 120_000 }, () => {
  let stage: DesktopStage
  let tasks: CaptureTask[] = []
  beforeEach(async () => {
    stage = await setDesktopStage({ microphones: ['Desk', 'Headset'] })
    tasks = []
    await stage.open({
      startCapture(task) {
        tasks.push(task)
        return stage.room.startCapture(task)
      },
      settings: { transcription: { mode: 'byok' } },
    })
    await stage.useKey()
    await stage.start()
    await vi.waitUntil(async () => (await stage.indicator()) === 'listening', SOON)
  })
  afterEach(async () => stage[Symbol.asyncDispose]())

  const session = async () => (await stage.state()).session
  const asked = (parameter: string) => stage.deepgram.connections.at(-1)?.query[parameter]

  it('is in effect: language and Deepgram model', async () => {
    await stage.update({ transcription: { language: 'de' } })
    await expect.poll(() => asked('language'), SOON).toEqual(['de'])
    await stage.update({ transcription: { deepgramModel: 'nova-2' } })
    await expect.poll(() => asked('model'), SOON).toEqual(['nova-2'])
    await expect.poll(() => stage.deepgram.connections.at(-1)?.audioBytes, SOON).toBeGreaterThan(0)
    expect(await session()).toMatchObject({ indicator: 'listening', isRunning: true })
  })

  it('is in effect: names and terms, and nothing is opened anew for what no engine is asked', async () => {
    await stage.update({ transcription: { vocabulary: ['Zoë', 'Elden Ring', 'zoë'] } })
    await expect.poll(() => asked('keyterm'), SOON).toEqual(['Zoë', 'Elden Ring'])
    const before = stage.deepgram.connections.length
    await stage.update({ transcription: { vocabulary: ['Zoë', 'Elden Ring'] } })
    await stage.update({ transcription: { quickLanguages: ['en', 'de'], translate: true } })
    await stage.update({ transcription: { deepgramModel: 'nova-2' } })
    // Older models know terms under another name.
    await expect.poll(() => asked('keywords'), SOON).toEqual(['Zoë', 'Elden Ring'])
    expect(stage.deepgram.connections.length).toBe(before + 1)
    await expect.poll(() => stage.deepgram.connections.at(-1)?.audioBytes, SOON).toBeGreaterThan(0)
    expect(await session()).toMatchObject({ indicator: 'listening', isRunning: true })
  })

  it('is in effect: the next language by hotkey and by command, in the same session', async () => {
    const { startedAtMs } = await session()
    const notices = async () => (await stage.state()).notices.map(({ sentence }) => sentence)
    await stage.update({ hotkeys: { nextLanguage: 'Alt+L' } })
    await expect
      .poll(async () => (await stage.state()).hotkeys.nextLanguage.status, SOON)
      .toBe('active')
    stage.app.shell.press('nextLanguage')
    await expect.poll(notices, SOON).toEqual([expect.stringContaining('Settings → Hotkeys')])
    await stage.update({ transcription: { quickLanguages: ['en', 'de'] } })
    stage.app.shell.press('nextLanguage')
    await expect.poll(() => asked('language'), SOON).toEqual(['de'])
    expect(await notices()).toContain('Language: German.')
    const told = await askApp(controlPath(stage.folder), { do: 'language', language: 'pt-BR' })
    expect(told).toMatchObject({ ok: true, status: { language: 'pt-BR', isRunning: true } })
    await expect.poll(() => asked('language'), SOON).toEqual(['pt-BR'])
    expect(await askApp(controlPath(stage.folder), { do: 'language' })).toMatchObject({
      status: { language: 'en' },
    })
    await expect.poll(() => asked('language'), SOON).toEqual(['en'])
    expect(await session()).toMatchObject({ indicator: 'listening', startedAtMs })
  })

  it('is in effect: microphone and channel', async () => {
    await stage.update({ microphone: { order: ['Headset', 'Desk'] } })
    await expect.poll(async () => (await session()).device, SOON).toBe('Headset')
    await stage.update({ microphone: { channel: 'right' } })
    await expect.poll(() => tasks.at(-1), SOON).toMatchObject({ do: 'capture', channel: 'right' })
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
  })

  it('is in effect: the captions’ look', async () => {
    const { overlays } = stage.app.host.settings.get().overlay
    const page = await readEvents(`${(await stage.state()).overlay.url}captions`)
    const [main] = overlays
    if (!main) throw new Error('there is always one overlay')
    const style = { ...main.style, textColor: '#00ff00', maxLines: 1 }
    await stage.update({ overlay: { overlays: [{ ...main, style }] } })
    await expect
      .poll(() => page.styles.at(-1), SOON)
      .toMatchObject({ textColor: '#00ff00', maxLines: 1 })
    page.close()
  })

  it('is in effect: OBS, its captions, and what is followed', async () => {
    const obs = await startFakeObs()
    obs.setOutput('stream', 'STARTED')
    await stage.update({ obs: { enabled: true, url: obs.url, sendCaptions: false } })
    await expect.poll(async () => (await stage.state()).obs.status, SOON).toBe('connected')
    await stage.update({ obs: { sendCaptions: true } })
    await expect.poll(() => obs.world.captions.length, SOON).toBeGreaterThan(0)
    await stage.update({ obs: { muteInput: 'Mic/Aux' } })
    obs.setMuted('Mic/Aux', true)
    await expect.poll(async () => (await session()).indicator, SOON).toBe('muted')
    await stage.update({ obs: { enabled: false } })
    await expect.poll(async () => (await stage.state()).obs.status, SOON).toBe('off')
    await obs.stop()
  })

  it('is in effect: local model, server, hotkeys and theme', async () => {
    await stage.update({ transcription: { localModel: 'tiny.en', serverUrl: AWAY } })
    await expect.poll(async () => (await stage.state()).model.name, SOON).toBe('tiny.en')
    await expect.poll(async () => (await stage.state()).account.serverUrl, SOON).toBe(AWAY)
    await stage.update({ hotkeys: { start: 'Alt+A', stop: 'Alt+B' }, app: { theme: 'dark' } })
    await expect.poll(async () => (await stage.state()).hotkeys.stop.status, SOON).toBe('active')
    stage.app.shell.press('stop')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('idle')
    stage.app.shell.press('start')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
    expect(stage.app.shell.calls).toContainEqual(['setTheme', 'dark'])
  })

  it('is in effect with the next captions: files', async () => {
    const saved = async () =>
      (await readdir(stage.folder, { recursive: true })).filter((name) =>
        /Chess.*\.(vtt|txt|srt|json)$/.test(name),
      )
    await stage.update({ files: { title: 'Chess', formats: ['vtt', 'txt'] } })
    await stage.stop()
    await stage.start()
    await expect.poll(saved, SOON).toHaveLength(2)
    expect((await saved()).map((name) => name.slice(-4)).toSorted()).toEqual(['.txt', '.vtt'])
  })
})

it('tells the user that a damaged settings file was put aside, and starts with defaults', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-damaged-'))
  await writeFile(join(folder, 'settings.json'), '{"version":1,"app":{"theme":"da')
  const app = await serveDesktop({ dataDir: folder })
  const { notices } = app.host.state.get()
  expect(notices).toMatchObject([
    { level: 'warning', sentence: expect.stringContaining('damaged and is kept in') as string },
  ])
  expect(app.host.settings.get().app.theme).toBe('system')
  const aside = (await readdir(folder)).find((name) => name.startsWith('settings.broken-'))
  expect(await readFile(join(folder, aside ?? ''), 'utf8')).toContain('"da')
  await app.close()
  await rm(folder, { recursive: true, force: true })
})
