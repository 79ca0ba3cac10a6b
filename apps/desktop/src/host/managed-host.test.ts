import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET_NAMES } from '../account/secret-store.ts'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import { createServerClient } from '../account/server-client.ts'
import type { CaptionMessage, DesktopState } from '../api/desktop-state.ts'
import { readEnv } from '../env.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'
import type { StartedServer } from '../testing/start-server.ts'
import { startServer } from '../testing/start-server.ts'

const SOON = { timeout: 120_000, interval: 200 }
const login = { email: 'streamer@example.org', password: 'correct horse' }

describe('the app on a managed server', { timeout: 300_000 }, () => {
  let folder = ''
  let server: StartedServer
  let app: ServedDesktop
  let window: RpcClient

  beforeAll(async () => {
    // World-readable above it: as root, PostgreSQL runs as another user.
    folder = await mkdtemp(join(tmpdir(), 'saywire-managed-host-'))
    server = await startServer(join(folder, 'server data'))
    const room = await createScriptedRoom({ folder, microphones: ['Desk'] })
    const { modelsDir, nativeDir } = readEnv()
    app = await serveDesktop({
      dataDir: folder,
      startCapture: room.startCapture,
      documentsDir: folder,
      env: { modelsDir, nativeDir },
      settings: { transcription: { mode: 'managed' } },
    })
    window = await connectRpc(app.rpcUrl)
  }, 180_000)
  afterAll(async () => {
    window?.close()
    await app?.close()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const state = async () => window.call<DesktopState>('query', 'state.get')
  const balance = async () => (await state()).account.balanceMs ?? 0
  const indicator = async () => (await state()).session.indicator
  const captions: CaptionMessage[] = []
  const finals = () =>
    captions.flatMap((message) => (message.type === 'final' ? [message.caption] : []))

  it('asks for a server and a login, then captions, and the balance falls', async () => {
    const blockers = async () => (await state()).session.startBlockers.map(({ code }) => code)
    await expect.poll(blockers, SOON).toEqual(['server_url_missing'])
    await window.call('mutation', 'account.register', { serverUrl: server.url, ...login })
    await expect.poll(balance, SOON).toBeGreaterThan(0)
    expect(await blockers()).toEqual([])
    const before = await balance()

    window.subscribe('captions.onCaptions', captions)
    await window.call('mutation', 'session.start')
    const words = () =>
      finals()
        .map(({ text }) => text)
        .join(' ')
        .toLowerCase()
    await expect.poll(words, SOON).toContain('country')
    // A server that still makes its model ready is stood in for until then.
    await expect.poll(() => finals().at(-1)?.isFallback, SOON).toBe(false)
    await expect.poll(balance, SOON).toBeLessThan(before)
  })

  it('goes on by itself when the login ends, and comes back after the next one', async () => {
    const secrets = createFileSecretStore(join(folder, 'secrets.json'))
    const kept = JSON.parse((await secrets.get(SECRET_NAMES.login(server.url))) ?? '{}') as {
      refreshToken: string
    }
    await createServerClient(server.url).auth.logout.mutate({ refresh_token: kept.refreshToken })
    await expect.poll(async () => (await state()).account.status, SOON).toBe('expired')
    await expect.poll(indicator, SOON).toBe('fallback')
    const before = finals().length
    await expect
      .poll(
        () =>
          finals()
            .slice(before)
            .some((one) => one.isFallback),
        SOON,
      )
      .toBe(true)
    expect((await state()).session.isRunning).toBe(true)
    const told = async () =>
      (await state()).notices.filter(({ sentence }) => sentence.includes('log in again'))
    expect(await told()).toHaveLength(1)
    const incident = async () => (await state()).session.incidents.at(-1)
    expect((await incident())?.tookOver?.backend).toBe('whisper base.en-q8_0')
    expect((await incident())?.backAtMs).toBeUndefined()

    await window.call('mutation', 'account.login', { serverUrl: server.url, ...login })
    await expect.poll(indicator, SOON).toBe('listening')
    expect((await state()).account.status).toBe('logged_in')
    expect(await told()).toHaveLength(1)
    expect((await state()).session.isFallback).toBe(false)
    expect((await state()).session.trouble).toBeUndefined()
    expect(await incident()).toMatchObject({ backAtMs: expect.any(Number) as number })
    await window.call('mutation', 'session.stop')
    expect(await indicator()).toBe('idle')
  })
})
