import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DesktopState } from '../api/desktop-state.ts'
import type { DesktopEnv } from '../env.ts'
import { readEnv } from '../env.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import { dayOf } from '../spending/spent-days.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import type { ScriptedRoom } from '../testing/scripted-room.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }
const KEY = 'the-good-key-1234'

describe('a limit that was reached before', { timeout: 180_000 }, () => {
  let folder = ''
  let room: ScriptedRoom
  let deepgram: FakeDeepgram
  let app: ServedDesktop | undefined
  let window: RpcClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-limits-'))
    room = await createScriptedRoom({ folder, microphones: ['Desk'] })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
    const days = { [dayOf(Date.now())]: 120_000 }
    await writeFile(join(folder, 'spending.json'), JSON.stringify({ version: 1, days }))
  })
  afterEach(async () => {
    window?.close()
    await app?.close()
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(env: Partial<DesktopEnv>): Promise<void> {
    app = await serveDesktop({
      dataDir: folder,
      documentsDir: folder,
      startCapture: room.startCapture,
      env,
      settings: { transcription: { mode: 'byok' }, spendCaps: { monthMinutes: 2 } },
      variables: { DEEPGRAM_URL: deepgram.url },
    })
    window = await connectRpc(app.rpcUrl)
    await window.call('mutation', 'deepgram.setKey', { key: KEY })
  }
  const state = async () => window.call<DesktopState>('query', 'state.get')
  const indicator = async () => (await state()).session.indicator
  const start = async () => window.call('mutation', 'session.start')
  const update = async (patch: SettingsPatch) => window.call('mutation', 'settings.update', patch)

  it('starts on this computer at once where that can caption, and connects nowhere', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await open({ modelsDir, nativeDir })
    await start()
    await expect.poll(indicator, SOON).toBe('fallback')
    const { session, spending } = await state()
    expect(session.trouble).toContain('limit of 2 minutes of cloud captions a month')
    expect(spending).toMatchObject({ reached: 'month', monthMs: 120_000, sessionMs: 0 })
    expect(deepgram.connections).toHaveLength(0)

    // Nothing stands in any more: what is said waits, and the session goes on.
    await update({ continuity: { localFallback: false } })
    await expect.poll(indicator, SOON).toBe('cap_reached')
    expect((await state()).session.isRunning).toBe(true)
    await update({ spendCaps: { monthMinutes: 3 } })
    await expect.poll(indicator, SOON).toBe('listening')
    await expect.poll(async () => (await state()).spending.sessionMs, SOON).toBeGreaterThan(0)
    await window.call('mutation', 'session.stop')
  })

  it('cannot start where nothing can stand in, and says why and what to do', async () => {
    await open({ modelsDir: join(folder, 'models') })
    const blockers = async () => (await state()).session.startBlockers
    await expect.poll(blockers, SOON).toMatchObject([{ code: 'cap_reached' }])
    await expect(start()).rejects.toMatchObject({
      message: expect.stringContaining('raise it under Limits in the settings') as string,
    })
    await update({ spendCaps: { monthMinutes: null } })
    await expect.poll(blockers, SOON).toEqual([])
    await start()
    await expect.poll(indicator, SOON).toBe('listening')
    await window.call('mutation', 'session.stop')
  })
})
