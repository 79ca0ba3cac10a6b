import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import { SECRET_NAMES } from '../account/secret-store.ts'
import { readEnv } from '../env.ts'
import type { DesktopStage } from '../testing/desktop-stage.ts'
import { SOON, setDesktopStage } from '../testing/desktop-stage.ts'

/** Nobody listens there. */
const AWAY = 'http://127.0.0.1:9'

describe('the app in awkward surroundings', { timeout: 120_000 }, () => {
  let stage: DesktopStage
  beforeEach(async () => {
    stage = await setDesktopStage()
  })
  afterEach(async () => stage[Symbol.asyncDispose]())

  const { secretsFile } = readEnv({ SAYWIRE_DATA_DIR: '/data' })
  const secretsPath = () => secretsFile.replace('/data', stage.folder)

  const notices = async () =>
    (await stage.state()).notices.map(({ sentence }) => sentence).join(' ')

  it('runs without secrets and fonts that cannot be read, and says what to do', async () => {
    await mkdir(secretsPath())
    await writeFile(join(stage.folder, 'fonts'), 'no folder')
    await stage.open({ settings: { transcription: { mode: 'managed', serverUrl: AWAY } } })
    await expect.poll(notices, SOON).toContain('cannot be read (EISDIR)')
    expect((await stage.state()).overlay.url).toBeDefined()
    expect((await stage.state()).account.status).toBe('none')
    await expect(stage.useKey()).rejects.toThrow('check the permissions')
  })

  it('shows new looks also where the new port is taken, and comes back from it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await stage.open()
    const { url = '' } = (await stage.state()).overlay
    const { overlays, port: before } = stage.app.host.settings.get().overlay
    const [main] = overlays
    if (!main) throw new Error('there is always one overlay')
    await stage.update({ overlay: { port, overlays: [main, { ...main, name: 'second' }] } })
    const overlay = async () => (await stage.state()).overlay
    await expect.poll(overlay, SOON).toMatchObject({ problem: expect.any(String) as string, url })
    expect((await fetch(`${url}o/second`)).status).toBe(200)
    await stage.window.call('mutation', 'overlay.copyUrl', { overlay: 'second' })
    expect(stage.app.shell.calls).toContainEqual(['copyText', `${url}o/second`])
    await stage.update({ overlay: { port: before } })
    await expect.poll(async () => (await overlay()).problem, SOON).toBeUndefined()
    expect(await overlay()).toMatchObject({ url })
    taken.close()
  })

  it('gives no address of what is no overlay', async () => {
    await stage.open()
    for (const call of ['overlay.copyUrl', 'overlay.openPage', 'obs.addBrowserSource']) {
      const answer = stage.window.call('mutation', call, { overlay: '../../@evil' })
      await expect(answer).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(stage.app.shell.calls.map(([name]) => name)).not.toContain('openExternal')
  })

  it('captions on this computer at once where the key is refused, and in the cloud with a good one', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await stage.open({
      env: { modelsDir, nativeDir },
      settings: { transcription: { mode: 'byok' } },
    })
    await stage.window.call('mutation', 'deepgram.setKey', { key: 'a-refused-key' })
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('fallback')
    expect((await stage.state()).session.trouble).toContain('key')
    await stage.useKey()
    await expect.poll(stage.indicator, SOON).toBe('listening')
  })

  it('does not ask who is logged in at a server to log in there', async () => {
    const login = { email: 'a@example.org', accessToken: 'a', expiresAtMs: Date.now() * 2 }
    await createFileSecretStore(secretsPath()).update(SECRET_NAMES.login(AWAY), async () =>
      JSON.stringify(login),
    )
    await stage.open({ settings: { transcription: { mode: 'byok' } } })
    await stage.useKey()
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await stage.update({ transcription: { mode: 'managed', serverUrl: AWAY } })
    await expect.poll(stage.indicator, SOON).not.toBe('listening')
    expect(await notices()).not.toContain('Log in at your Saywire server')
  })
})
