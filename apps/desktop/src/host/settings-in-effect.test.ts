import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DesktopState } from '../api/desktop-state.ts'
import type { CaptureTask } from '../capture/capture-messages.ts'
import { startFakeObs } from '../obs/testing/fake-obs.ts'
import { readEvents } from '../overlay/testing/http-client.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import type { ScriptedRoom } from '../testing/scripted-room.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }
const KEY = 'the-good-key-1234'
/** Nobody listens there. */
const AWAY = 'http://127.0.0.1:9'

describe('a setting that is changed while captions run', { timeout: 120_000 }, () => {
  let folder = ''
  let deepgram: FakeDeepgram
  let app: ServedDesktop
  let window: RpcClient
  let tasks: CaptureTask[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-in-effect-'))
    const microphones = ['Desk', 'Headset']
    const room: ScriptedRoom = await createScriptedRoom({ folder, microphones })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
    tasks = []
    app = await serveDesktop({
      dataDir: folder,
      documentsDir: folder,
      startCapture(task) {
        tasks.push(task)
        return room.startCapture(task)
      },
      settings: { transcription: { mode: 'byok' } },
      variables: { SAYWIRE_MODELS_DIR: join(folder, 'models'), DEEPGRAM_URL: deepgram.url },
    })
    window = await connectRpc(app.rpcUrl)
    await window.call('mutation', 'deepgram.setKey', { key: KEY })
    await start()
    await vi.waitUntil(async () => (await session()).indicator === 'listening', SOON)
  })
  afterEach(async () => {
    window.close()
    await app.close()
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const start = async () => window.call('mutation', 'session.start')
  const stop = async () => window.call('mutation', 'session.stop')
  const state = async () => window.call<DesktopState>('query', 'state.get')
  const session = async () => (await state()).session
  const update = async (patch: SettingsPatch) => window.call('mutation', 'settings.update', patch)
  const asked = (parameter: string) => deepgram.connections.at(-1)?.query[parameter]

  it('is in effect: language and Deepgram model', async () => {
    await update({ transcription: { language: 'de' } })
    await expect.poll(() => asked('language'), SOON).toEqual(['de'])
    await update({ transcription: { deepgramModel: 'nova-2' } })
    await expect.poll(() => asked('model'), SOON).toEqual(['nova-2'])
    await expect.poll(() => deepgram.connections.at(-1)?.audioBytes, SOON).toBeGreaterThan(0)
    expect(await session()).toMatchObject({ indicator: 'listening', isRunning: true })
  })

  it('is in effect: microphone and channel', async () => {
    await update({ microphone: { order: ['Headset', 'Desk'] } })
    await expect.poll(async () => (await session()).device, SOON).toBe('Headset')
    await update({ microphone: { channel: 'right' } })
    await expect.poll(() => tasks.at(-1), SOON).toMatchObject({ do: 'capture', channel: 'right' })
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
  })

  it('is in effect: the captions’ look', async () => {
    const { overlays } = app.host.settings.get().overlay
    const page = await readEvents(`${(await state()).overlay.url}captions`)
    const [main] = overlays
    if (!main) throw new Error('there is always one overlay')
    const style = { ...main.style, textColor: '#00ff00', maxLines: 1 }
    await update({ overlay: { overlays: [{ ...main, style }] } })
    await expect
      .poll(() => page.styles.at(-1), SOON)
      .toMatchObject({ textColor: '#00ff00', maxLines: 1 })
    page.close()
  })

  it('is in effect: OBS, its captions, and what is followed', async () => {
    const obs = await startFakeObs()
    obs.setOutput('stream', 'STARTED')
    await update({ obs: { enabled: true, url: obs.url, sendCaptions: false } })
    await expect.poll(async () => (await state()).obs.status, SOON).toBe('connected')
    await update({ obs: { sendCaptions: true } })
    await expect.poll(() => obs.world.captions.length, SOON).toBeGreaterThan(0)
    await update({ obs: { muteInput: 'Mic/Aux' } })
    obs.setMuted('Mic/Aux', true)
    await expect.poll(async () => (await session()).indicator, SOON).toBe('muted')
    await update({ obs: { enabled: false } })
    await expect.poll(async () => (await state()).obs.status, SOON).toBe('off')
    await obs.stop()
  })

  it('is in effect: local model, server, hotkeys and theme', async () => {
    await update({ transcription: { localModel: 'tiny.en', serverUrl: AWAY } })
    await expect.poll(async () => (await state()).model.name, SOON).toBe('tiny.en')
    await expect.poll(async () => (await state()).account.serverUrl, SOON).toBe(AWAY)
    await update({ hotkeys: { start: 'Alt+A', stop: 'Alt+B' }, app: { theme: 'dark' } })
    await expect.poll(async () => (await state()).hotkeys.stop.status, SOON).toBe('active')
    app.shell.press('stop')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('idle')
    app.shell.press('start')
    await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
    expect(app.shell.calls).toContainEqual(['setTheme', 'dark'])
  })

  it('is in effect with the next captions: files', async () => {
    const saved = async () =>
      (await readdir(folder, { recursive: true })).filter((name) => name.includes('Chess'))
    await update({ files: { title: 'Chess', formats: ['vtt', 'txt'] } })
    await stop()
    await start()
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
