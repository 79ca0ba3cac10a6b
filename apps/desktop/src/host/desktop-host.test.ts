import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DEFAULT_MODEL, fileSource } from '@saywire/speech/whisper'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HistoryPage } from '../api/desktop-services.ts'
import type { CaptionMessage, DesktopState, LevelView } from '../api/desktop-state.ts'
import { askApp } from '../control/control-client.ts'
import { controlPath } from '../control/control-messages.ts'
import { readEnv } from '../env.ts'
import { startFakeObs } from '../obs/testing/fake-obs.ts'
import { readEvents } from '../overlay/testing/http-client.ts'
import type { Settings } from '../settings/settings.ts'
import type { DesktopStage } from '../testing/desktop-stage.ts'
import { SOON, setDesktopStage } from '../testing/desktop-stage.ts'

describe('the app without its shell', { timeout: 180_000 }, () => {
  let stage: DesktopStage
  beforeEach(async () => {
    stage = await setDesktopStage({ microphones: ['Desk', 'Headset'] })
  })
  afterEach(async () => stage[Symbol.asyncDispose]())

  const session = async () => (await stage.state()).session
  const blockers = async () => (await session()).startBlockers.map((blocker) => blocker.code)
  const finals = (said: readonly CaptionMessage[]) =>
    said.flatMap((message) => (message.type === 'final' ? [message.caption.text] : []))
  function watchCaptions(): CaptionMessage[] {
    const captions: CaptionMessage[] = []
    stage.window.subscribe('captions.onCaptions', captions)
    return captions
  }
  const BYOK = { transcription: { mode: 'byok' } } as const

  it('goes from nothing to captions with a key of the user’s', async () => {
    await stage.open({ settings: BYOK })
    expect(await blockers()).toEqual(['key_missing'])
    await expect(stage.start()).rejects.toMatchObject({
      code: 'not_possible',
      message: expect.stringContaining('Deepgram key') as string,
    })
    expect(
      await stage.window.call('mutation', 'deepgram.setKey', { key: 'wrong-key' }),
    ).toMatchObject({
      status: 'invalid',
    })
    expect(await blockers()).toEqual(['key_invalid'])
    await stage.useKey()
    expect(await blockers()).toEqual([])

    const captions = watchCaptions()
    const states: DesktopState[] = []
    stage.window.subscribe('state.onState', states)
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await expect.poll(session, SOON).toMatchObject({ device: 'Desk', backend: 'deepgram nova-3' })
    await expect.poll(() => finals(captions).length, SOON).toBeGreaterThan(0)
    expect(captions[0]).toMatchObject({ type: 'snapshot', captions: [] })
    await stage.stop()
    expect(await stage.indicator()).toBe('idle')
    expect(stage.deepgram.connections).toHaveLength(1)
    expect(JSON.stringify(states)).not.toContain('key-1234')
  })

  it('walks the first run: a microphone, a model, words everywhere, and the history', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await stage.room.plugIn()
    const { host, shell } = await stage.open({
      modelSources: (name) => [fileSource(join(modelsDir, `ggml-${name}.bin`), name)],
      env: { nativeDir },
      settings: { words: { replacements: [{ from: 'country', to: 'stream', matchCase: false }] } },
    })
    await expect.poll(blockers, SOON).toEqual(['no_microphone', 'model_missing'])
    await stage.room.plugIn('Desk')
    host.hintDevices()
    await expect.poll(blockers, SOON).toEqual(['model_missing'])
    await stage.window.call('mutation', 'models.fetch', { name: DEFAULT_MODEL })
    expect((await stage.state()).model).toMatchObject({ status: 'ready', name: DEFAULT_MODEL })
    expect(await blockers()).toEqual([])

    const captions = watchCaptions()
    const overlay = await readEvents(`${(await stage.state()).overlay.url}captions`)
    await stage.start()
    const words = () => finals(captions).join(' ').toLowerCase()
    await expect.poll(words, SOON).toContain('stream')
    expect(words()).not.toContain('country')
    await expect.poll(() => overlay.text.toLowerCase(), SOON).toContain('your stream')
    const { latency } = await stage.state()
    expect(latency?.engineToCaption?.count).toBeGreaterThan(0)
    await stage.stop()
    expect(await stage.indicator()).toBe('idle')

    const files = await readdir(join(stage.folder, 'Saywire'))
    expect(files).toEqual([expect.stringMatching(/\.srt$/)])
    const srt = await readFile(join(stage.folder, 'Saywire', files[0] ?? ''), 'utf8')
    expect(srt).toContain('stream')
    const found = await stage.window.call<HistoryPage>('query', 'history.list', {
      search: 'stream',
    })
    expect(found.entries).toHaveLength(1)
    expect(found.entries[0]?.excerpt).toContain('stream')
    shell.answers.push(join(stage.folder, 'saved.txt'))
    expect(await stage.window.call('mutation', 'captions.save', { format: 'txt' })).toEqual({
      path: join(stage.folder, 'saved.txt'),
    })
    expect(await readFile(join(stage.folder, 'saved.txt'), 'utf8')).toContain('stream')
    await stage.window.call('mutation', 'captions.clear')
    await expect.poll(() => captions.at(-1), SOON).toMatchObject({ type: 'snapshot', captions: [] })
  })

  it('sends nothing while it is muted, and goes on afterwards', async () => {
    await stage.open({ settings: BYOK })
    await stage.useKey()
    await stage.window.call('mutation', 'session.mute', { muted: true })
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('muted')
    const levels: LevelView[] = []
    stage.window.subscribe('microphone.onLevel', levels)
    // The microphone is recorded: its meter moves.
    await expect.poll(() => levels.length, SOON).toBeGreaterThan(5)
    expect(stage.deepgram.connections.map(({ audioBytes }) => audioBytes)).toEqual(
      stage.deepgram.connections.map(() => 0),
    )
    const captions = watchCaptions()
    await stage.window.call('mutation', 'session.mute', { muted: false })
    await expect.poll(() => finals(captions).length, SOON).toBeGreaterThan(0)
    expect(await stage.indicator()).toBe('listening')
  })

  it('goes on with the next microphone, and back when the first one returns', async () => {
    await stage.open({ settings: { ...BYOK, microphone: { order: ['Headset', 'Desk'] } } })
    await stage.useKey()
    await stage.start()
    const device = async () => (await session()).device
    await expect.poll(device, SOON).toBe('Headset')
    await stage.room.plugIn('Desk')
    await expect.poll(device, SOON).toBe('Desk')
    await stage.room.plugIn('Desk', 'Headset')
    await expect.poll(device, SOON).toBe('Headset')
    expect((await session()).isRunning).toBe(true)
    expect((await stage.state()).notices.length).toBeGreaterThan(0)
  })

  it('starts, sends captions, mutes and stops as OBS does', async () => {
    const obs = await startFakeObs({ password: 'obs secret' })
    const follow = { enabled: true, url: obs.url, follow: 'stream' } as const
    await stage.open({ settings: { ...BYOK, obs: { ...follow, muteInput: 'Mic/Aux' } } })
    await stage.useKey()
    const status = async () => (await stage.state()).obs.status
    await expect.poll(status, SOON).toBe('wrong_password')
    await stage.window.call('mutation', 'obs.setPassword', { password: 'obs secret' })
    await expect.poll(status, SOON).toBe('connected')
    obs.setOutput('stream', 'STARTED')
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await expect.poll(() => obs.world.captions.length, SOON).toBeGreaterThan(0)
    obs.setMuted('Mic/Aux', true)
    await expect.poll(stage.indicator, SOON).toBe('muted')
    obs.setOutput('stream', 'STOPPED')
    await expect.poll(stage.indicator, SOON).toBe('idle')
    expect(JSON.stringify(await stage.state())).not.toContain('obs secret')
    await obs.stop()
  })

  it('takes another engine when it can work, and keeps captions until then', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await stage.open({
      settings: BYOK,
      env: { nativeDir },
      modelSources: (name) => [fileSource(join(modelsDir, `ggml-${name}.bin`), name)],
    })
    await stage.useKey()
    await stage.start()
    await expect.poll(async () => (await session()).backend, SOON).toContain('deepgram')
    await stage.update({ transcription: { mode: 'local' } })
    expect((await session()).backend).toContain('deepgram')
    await expect
      .poll(async () => JSON.stringify((await stage.state()).notices), SOON)
      .toContain('engine from before')
    await stage.window.call('mutation', 'models.fetch', { name: DEFAULT_MODEL })
    await expect.poll(async () => (await session()).backend, SOON).toContain('whisper')
    expect(await stage.indicator()).toBe('listening')
  })

  it('does what hotkeys and the command line say, and remembers settings', async () => {
    const { host, shell } = await stage.open({ settings: BYOK })
    await stage.useKey()
    shell.outcomes.toggle = 'unsupported'
    await stage.update({ hotkeys: { toggle: 'Alt+T', mute: 'Alt+M', pushToTalk: 'Alt+P' } })
    await expect
      .poll(async () => (await stage.state()).hotkeys.toggle.sentence, SOON)
      .toContain('saywire ctl toggle')
    expect((await stage.state()).hotkeys.mute.status).toBe('active')
    // Who talks by holding a key is muted while it is not held.
    expect(host.state.get().session.isMuted).toBe(true)
    shell.press('pushToTalk')
    expect(host.state.get().session.isMuted).toBe(false)
    shell.press('pushToTalk', 'released')
    expect(host.state.get().session.isMuted).toBe(true)
    shell.press('mute')
    expect(host.state.get().session.isMuted).toBe(false)
    await askApp(controlPath(stage.folder), { do: 'start' })
    expect((await session()).isRunning).toBe(true)
    expect(await askApp(controlPath(stage.folder), { do: 'stop' })).toMatchObject({
      status: { isRunning: false, indicator: 'idle' },
    })
    await stage.app.close()
    await stage.open()
    expect((await stage.window.call<Settings>('query', 'settings.get')).hotkeys.toggle).toBe(
      'Alt+T',
    )
    await expect.poll(async () => (await stage.state()).deepgramKey.status, SOON).toBe('valid')
  })

  it('moves the overlay when its port is taken, and back to work when it is free', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await stage.open({ settings: { overlay: { port } } })
    const overlay = async () => (await stage.state()).overlay
    expect(await overlay()).toMatchObject({ problem: expect.stringContaining(String(port)) })
    taken.close()
    await expect.poll(async () => (await overlay()).url, SOON).toBe(`http://127.0.0.1:${port}/`)
    expect((await overlay()).problem).toBeUndefined()
  })

  it('runs neither a model nor a recording while nothing is captioned', async () => {
    let whispers = 0
    const tasks: string[] = []
    await stage.open({
      settings: BYOK,
      spawnWhisper() {
        whispers++
        throw new Error('nothing asked for it')
      },
      startCapture(task) {
        tasks.push(task.do)
        return stage.room.startCapture(task)
      },
    })
    await stage.useKey()
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await stage.stop()
    expect(whispers).toBe(0)
    expect(tasks.filter((task) => task === 'capture')).toHaveLength(1)
    expect(tasks).not.toContain('meter')
  })
})
