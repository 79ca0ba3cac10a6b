import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSource } from '@saywire/speech/whisper'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HistoryPage } from '../api/desktop-services.ts'
import type { CaptionMessage, DesktopState, LevelView } from '../api/desktop-state.ts'
import { askApp } from '../control/control-client.ts'
import { controlPath } from '../control/control-messages.ts'
import { readEnv } from '../env.ts'
import { startFakeObs } from '../obs/testing/fake-obs.ts'
import { readEvents } from '../overlay/testing/http-client.ts'
import type { Settings, SettingsPatch } from '../settings/settings.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import type { ScriptedRoom } from '../testing/scripted-room.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop, ServeDesktopOptions } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }

describe('the app without its shell', { timeout: 180_000 }, () => {
  let folder = ''
  let room: ScriptedRoom
  let deepgram: FakeDeepgram
  let app: ServedDesktop | undefined
  let window: RpcClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-host-'))
    room = await createScriptedRoom({ folder, microphones: ['Desk', 'Headset'] })
    deepgram = await startFakeDeepgram({ apiKey: 'the-good-key-1234' })
  })
  afterEach(async () => {
    window?.close()
    await app?.close()
    app = undefined
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(options: Partial<ServeDesktopOptions> = {}): Promise<ServedDesktop> {
    app = await serveDesktop({
      dataDir: folder,
      startCapture: room.startCapture,
      ...options,
      variables: {
        SAYWIRE_MODELS_DIR: join(folder, 'models'),
        DEEPGRAM_URL: deepgram.url,
        ...options.variables,
      },
    })
    window = await connectRpc(app.rpcUrl)
    return app
  }

  const state = async () => window.call<DesktopState>('query', 'state.get')
  const blockers = async () => (await state()).session.startBlockers.map((blocker) => blocker.code)
  const indicator = async () => (await state()).session.indicator
  const finals = (said: readonly CaptionMessage[]) =>
    said.flatMap((message) => (message.type === 'final' ? [message.caption.text] : []))

  const session = async () => (await state()).session
  const start = async () => window.call('mutation', 'session.start')
  const stop = async () => window.call('mutation', 'session.stop')
  const useKey = async () =>
    window.call('mutation', 'deepgram.setKey', { key: 'the-good-key-1234' })
  const update = async (patch: SettingsPatch) => window.call('mutation', 'settings.update', patch)
  function watchCaptions(): CaptionMessage[] {
    const captions: CaptionMessage[] = []
    window.subscribe('captions.onCaptions', captions)
    return captions
  }
  const BYOK = { transcription: { mode: 'byok' } } as const

  it('goes from nothing to captions with a key of the user’s', async () => {
    await open({ settings: BYOK })
    expect(await blockers()).toEqual(['key_missing'])
    await expect(start()).rejects.toMatchObject({
      code: 'not_possible',
      message: expect.stringContaining('Deepgram key') as string,
    })
    expect(await window.call('mutation', 'deepgram.setKey', { key: 'wrong-key' })).toMatchObject({
      status: 'invalid',
    })
    expect(await blockers()).toEqual(['key_invalid'])
    await useKey()
    expect(await blockers()).toEqual([])

    const captions = watchCaptions()
    const states: DesktopState[] = []
    window.subscribe('state.onState', states)
    await start()
    await expect.poll(indicator, SOON).toBe('listening')
    await expect.poll(session, SOON).toMatchObject({ device: 'Desk', backend: 'deepgram nova-3' })
    await expect.poll(() => finals(captions).length, SOON).toBeGreaterThan(0)
    expect(captions[0]).toMatchObject({ type: 'snapshot', captions: [] })
    await stop()
    expect(await indicator()).toBe('idle')
    expect(deepgram.connections).toHaveLength(1)
    expect(JSON.stringify(states)).not.toContain('key-1234')
  })

  it('walks the first run: a microphone, a model, words everywhere, and the history', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await room.plugIn()
    const { host, shell } = await open({
      modelSources: (name) => [fileSource(join(modelsDir, `ggml-${name}.bin`), name)],
      env: { nativeDir },
      documentsDir: folder,
      settings: { words: { replacements: [{ from: 'country', to: 'stream', matchCase: false }] } },
    })
    await expect.poll(blockers, SOON).toEqual(['no_microphone', 'model_missing'])
    await room.plugIn('Desk')
    host.hintDevices()
    await expect.poll(blockers, SOON).toEqual(['model_missing'])
    await window.call('mutation', 'models.fetch', { name: 'base.en' })
    expect((await state()).model).toMatchObject({ status: 'ready', name: 'base.en' })
    expect(await blockers()).toEqual([])

    const captions = watchCaptions()
    const overlay = await readEvents(`${(await state()).overlay.url}captions`)
    await start()
    const words = () => finals(captions).join(' ').toLowerCase()
    await expect.poll(words, SOON).toContain('stream')
    expect(words()).not.toContain('country')
    await expect.poll(() => overlay.text.toLowerCase(), SOON).toContain('your stream')
    const { latency } = await state()
    expect(latency?.engineToCaption?.count).toBeGreaterThan(0)
    await stop()
    expect(await indicator()).toBe('idle')

    const files = await readdir(join(folder, 'Saywire'))
    expect(files).toEqual([expect.stringMatching(/\.srt$/)])
    const srt = await readFile(join(folder, 'Saywire', files[0] ?? ''), 'utf8')
    expect(srt).toContain('stream')
    const found = await window.call<HistoryPage>('query', 'history.list', { search: 'stream' })
    expect(found.entries).toHaveLength(1)
    expect(found.entries[0]?.excerpt).toContain('stream')
    shell.answers.push(join(folder, 'saved.txt'))
    expect(await window.call('mutation', 'captions.save', { format: 'txt' })).toEqual({
      path: join(folder, 'saved.txt'),
    })
    expect(await readFile(join(folder, 'saved.txt'), 'utf8')).toContain('stream')
    await window.call('mutation', 'captions.clear')
    await expect.poll(() => captions.at(-1), SOON).toMatchObject({ type: 'snapshot', captions: [] })
  })

  it('sends nothing while it is muted, and goes on afterwards', async () => {
    await open({ settings: BYOK })
    await useKey()
    await window.call('mutation', 'session.mute', { muted: true })
    await start()
    await expect.poll(indicator, SOON).toBe('muted')
    const levels: LevelView[] = []
    window.subscribe('microphone.onLevel', levels)
    // The microphone is recorded: its meter moves.
    await expect.poll(() => levels.length, SOON).toBeGreaterThan(5)
    expect(deepgram.connections.map(({ audioBytes }) => audioBytes)).toEqual(
      deepgram.connections.map(() => 0),
    )
    const captions = watchCaptions()
    await window.call('mutation', 'session.mute', { muted: false })
    await expect.poll(() => finals(captions).length, SOON).toBeGreaterThan(0)
    expect(await indicator()).toBe('listening')
  })

  it('goes on with the next microphone, and back when the first one returns', async () => {
    await open({ settings: { ...BYOK, microphone: { order: ['Headset', 'Desk'] } } })
    await useKey()
    await start()
    const device = async () => (await session()).device
    await expect.poll(device, SOON).toBe('Headset')
    await room.plugIn('Desk')
    await expect.poll(device, SOON).toBe('Desk')
    await room.plugIn('Desk', 'Headset')
    await expect.poll(device, SOON).toBe('Headset')
    expect((await session()).isRunning).toBe(true)
    expect((await state()).notices.length).toBeGreaterThan(0)
  })

  it('starts, sends captions, mutes and stops as OBS does', async () => {
    const obs = await startFakeObs({ password: 'obs secret' })
    const follow = { enabled: true, url: obs.url, follow: 'stream' } as const
    await open({ settings: { ...BYOK, obs: { ...follow, muteInput: 'Mic/Aux' } } })
    await useKey()
    const status = async () => (await state()).obs.status
    await expect.poll(status, SOON).toBe('wrong_password')
    await window.call('mutation', 'obs.setPassword', { password: 'obs secret' })
    await expect.poll(status, SOON).toBe('connected')
    obs.setOutput('stream', 'STARTED')
    await expect.poll(indicator, SOON).toBe('listening')
    await expect.poll(() => obs.world.captions.length, SOON).toBeGreaterThan(0)
    obs.setMuted('Mic/Aux', true)
    await expect.poll(indicator, SOON).toBe('muted')
    obs.setOutput('stream', 'STOPPED')
    await expect.poll(indicator, SOON).toBe('idle')
    expect(JSON.stringify(await state())).not.toContain('obs secret')
    await obs.stop()
  })

  it('takes another engine when it can work, and keeps captions until then', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await open({
      settings: BYOK,
      env: { nativeDir },
      modelSources: (name) => [fileSource(join(modelsDir, `ggml-${name}.bin`), name)],
    })
    await useKey()
    await start()
    await expect.poll(async () => (await session()).backend, SOON).toContain('deepgram')
    await update({ transcription: { mode: 'local' } })
    expect((await session()).backend).toContain('deepgram')
    await expect
      .poll(async () => JSON.stringify((await state()).notices), SOON)
      .toContain('engine from before')
    await window.call('mutation', 'models.fetch', { name: 'base.en' })
    await expect.poll(async () => (await session()).backend, SOON).toContain('whisper')
    expect(await indicator()).toBe('listening')
  })

  it('does what hotkeys and the command line say, and remembers settings', async () => {
    const { host, shell } = await open({ settings: BYOK })
    await useKey()
    shell.outcomes.toggle = 'unsupported'
    await update({ hotkeys: { toggle: 'Alt+T', mute: 'Alt+M', pushToTalk: 'Alt+P' } })
    await expect
      .poll(async () => (await state()).hotkeys.toggle.sentence, SOON)
      .toContain('saywire ctl toggle')
    expect((await state()).hotkeys.mute.status).toBe('active')
    // Who talks by holding a key is muted while it is not held.
    expect(host.state.get().session.isMuted).toBe(true)
    shell.press('pushToTalk')
    expect(host.state.get().session.isMuted).toBe(false)
    shell.press('pushToTalk', 'released')
    expect(host.state.get().session.isMuted).toBe(true)
    shell.press('mute')
    expect(host.state.get().session.isMuted).toBe(false)
    await askApp(controlPath(folder), 'start')
    expect((await session()).isRunning).toBe(true)
    expect(await askApp(controlPath(folder), 'stop')).toMatchObject({
      status: { isRunning: false, indicator: 'idle' },
    })
    await app?.close()
    await open()
    expect((await window.call<Settings>('query', 'settings.get')).hotkeys.toggle).toBe('Alt+T')
    await expect.poll(async () => (await state()).deepgramKey.status, SOON).toBe('valid')
  })

  it('moves the overlay when its port is taken, and back to work when it is free', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await open({ settings: { overlay: { port } } })
    const overlay = async () => (await state()).overlay
    expect(await overlay()).toMatchObject({ problem: expect.stringContaining(String(port)) })
    taken.close()
    await expect.poll(async () => (await overlay()).url, SOON).toBe(`http://127.0.0.1:${port}/`)
    expect((await overlay()).problem).toBeUndefined()
  })

  it('runs neither a model nor a recording while nothing is captioned', async () => {
    let whispers = 0
    const tasks: string[] = []
    await open({
      settings: BYOK,
      spawnWhisper() {
        whispers++
        throw new Error('nothing asked for it')
      },
      startCapture(task) {
        tasks.push(task.do)
        return room.startCapture(task)
      },
    })
    await useKey()
    await start()
    await expect.poll(indicator, SOON).toBe('listening')
    await stop()
    expect(whispers).toBe(0)
    expect(tasks.filter((task) => task === 'capture')).toHaveLength(1)
    expect(tasks).not.toContain('meter')
  })
})
