import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import { SECRET_NAMES } from '../account/secret-store.ts'
import type { DesktopState } from '../api/desktop-state.ts'
import { readEnv } from '../env.ts'
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

describe('the app in awkward surroundings', { timeout: 120_000 }, () => {
  let folder = ''
  let room: ScriptedRoom
  let deepgram: FakeDeepgram
  let app: ServedDesktop | undefined
  let window: RpcClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-awkward-'))
    room = await createScriptedRoom({ folder, microphones: ['Desk'] })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
  })
  afterEach(async () => {
    window?.close()
    await app?.close()
    app = undefined
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const { secretsFile } = readEnv({ SAYWIRE_DATA_DIR: '/data' })
  const secretsPath = () => secretsFile.replace('/data', folder)
  async function open(settings: SettingsPatch = {}): Promise<void> {
    app = await serveDesktop({
      dataDir: folder,
      startCapture: room.startCapture,
      settings,
      variables: { SAYWIRE_MODELS_DIR: join(folder, 'models'), DEEPGRAM_URL: deepgram.url },
    })
    window = await connectRpc(app.rpcUrl)
  }
  const state = async () => window.call<DesktopState>('query', 'state.get')
  const notices = async () => (await state()).notices.map(({ sentence }) => sentence).join(' ')
  const update = async (patch: SettingsPatch) => window.call('mutation', 'settings.update', patch)

  it('runs without secrets and fonts that cannot be read, and says what to do', async () => {
    await mkdir(secretsPath())
    await writeFile(join(folder, 'fonts'), 'no folder')
    await open({ transcription: { mode: 'managed', serverUrl: AWAY } })
    await expect.poll(notices, SOON).toContain('cannot be read (EISDIR)')
    expect((await state()).overlay.url).toBeDefined()
    expect((await state()).account.status).toBe('none')
    const setting = window.call('mutation', 'deepgram.setKey', { key: KEY })
    await expect(setting).rejects.toThrow('check the permissions')
  })

  it('shows new looks also where the new port is taken, and comes back from it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await open()
    const { url = '' } = (await state()).overlay
    const { overlays, port: before } = app?.host.settings.get().overlay ?? { overlays: [], port: 0 }
    const [main] = overlays
    if (!main) throw new Error('there is always one overlay')
    await update({ overlay: { port, overlays: [main, { ...main, name: 'second' }] } })
    const overlay = async () => (await state()).overlay
    await expect.poll(overlay, SOON).toMatchObject({ problem: expect.any(String) as string, url })
    expect((await fetch(`${url}o/second`)).status).toBe(200)
    await window.call('mutation', 'overlay.copyUrl', { overlay: 'second' })
    expect(app?.shell.calls).toContainEqual(['copyText', `${url}o/second`])
    await update({ overlay: { port: before } })
    await expect.poll(async () => (await overlay()).problem, SOON).toBeUndefined()
    expect(await overlay()).toMatchObject({ url })
    taken.close()
  })

  it('gives no address of what is no overlay', async () => {
    await open()
    for (const call of ['overlay.copyUrl', 'overlay.openPage', 'obs.addBrowserSource']) {
      const answer = window.call('mutation', call, { overlay: '../../@evil' })
      await expect(answer).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(app?.shell.calls.map(([name]) => name)).not.toContain('openExternal')
  })

  it('does not ask who is logged in at a server to log in there', async () => {
    const login = { email: 'a@example.org', accessToken: 'a', expiresAtMs: Date.now() * 2 }
    await createFileSecretStore(secretsPath()).update(SECRET_NAMES.login(AWAY), async () =>
      JSON.stringify(login),
    )
    await open({ transcription: { mode: 'byok' } })
    await window.call('mutation', 'deepgram.setKey', { key: KEY })
    await window.call('mutation', 'session.start')
    await expect.poll(async () => (await state()).session.indicator, SOON).toBe('listening')
    await update({ transcription: { mode: 'managed', serverUrl: AWAY } })
    await expect.poll(async () => (await state()).session.indicator, SOON).not.toBe('listening')
    expect(await notices()).not.toContain('Log in at your Saywire server')
  })
})
