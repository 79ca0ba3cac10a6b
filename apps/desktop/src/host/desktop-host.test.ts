import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSource } from '@saywire/speech/whisper'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CaptionMessage, DesktopState } from '../api/desktop-state.ts'
import { readEnv } from '../env.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import type { ScriptedRoom } from '../testing/scripted-room.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop, ServeDesktopOptions } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }
const WAV_HEADER_BYTES = 44
const jfk = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))

describe('the app without its shell', { timeout: 180_000 }, () => {
  let folder = ''
  let room: ScriptedRoom
  let deepgram: FakeDeepgram
  let app: ServedDesktop | undefined
  let window: RpcClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-host-'))
    const speech = (await readFile(jfk)).subarray(WAV_HEADER_BYTES)
    room = await createScriptedRoom({ folder, speech, microphones: ['Desk', 'Headset'] })
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

  it('goes from nothing to captions with a key of the user’s', async () => {
    await open({ settings: { transcription: { mode: 'byok' } } })
    expect(await blockers()).toEqual(['key_missing'])
    await expect(window.call('mutation', 'session.start')).rejects.toMatchObject({
      code: 'not_possible',
      message: expect.stringContaining('Deepgram key') as string,
    })
    expect(await window.call('mutation', 'deepgram.setKey', { key: 'wrong-key' })).toMatchObject({
      status: 'invalid',
    })
    expect(await blockers()).toEqual(['key_invalid'])
    await window.call('mutation', 'deepgram.setKey', { key: 'the-good-key-1234' })
    expect(await blockers()).toEqual([])

    const captions: CaptionMessage[] = []
    const states: DesktopState[] = []
    window.subscribe('captions.onCaptions', captions)
    window.subscribe('state.onState', states)
    await window.call('mutation', 'session.start')
    await expect.poll(indicator, SOON).toBe('listening')
    await expect.poll(() => finals(captions).length, SOON).toBeGreaterThan(0)
    expect(captions[0]).toMatchObject({ type: 'snapshot', captions: [] })
    await window.call('mutation', 'session.stop')
    expect(await indicator()).toBe('idle')
    expect(deepgram.connections).toHaveLength(1)
    expect(JSON.stringify(states)).not.toContain('key-1234')
  })

  it('fetches the model on the first run, and captions real speech with it', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await open({
      modelSources: (name) => [fileSource(join(modelsDir, `ggml-${name}.bin`), name)],
      env: { nativeDir },
    })
    await expect.poll(blockers, SOON).toEqual(['model_missing'])
    await window.call('mutation', 'models.fetch', { name: 'base.en' })
    expect((await state()).model).toMatchObject({ status: 'ready', name: 'base.en' })
    expect(await blockers()).toEqual([])

    const captions: CaptionMessage[] = []
    window.subscribe('captions.onCaptions', captions)
    await window.call('mutation', 'session.start')
    const words = () => finals(captions).join(' ').toLowerCase()
    await expect.poll(words, SOON).toContain('country')
    await window.call('mutation', 'session.stop')
    expect(await indicator()).toBe('idle')
    await window.call('mutation', 'captions.clear')
    await expect
      .poll(() => captions.at(-1), SOON)
      .toEqual({
        type: 'snapshot',
        captions: [],
        interim: '',
      })
  })
})
