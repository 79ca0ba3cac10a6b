import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { expect, it } from 'vitest'
import type { DesktopState } from '../api/desktop-state.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }
const KEY = 'the-good-key-1234'
/** What holds a Deepgram stream that has had no audio yet: 100 ms of silence. */
const LEAD_IN_BYTES = 3200

it('a silent room is not sent, how long is shown, and switching that off takes effect at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-silent-room-'))
  await using deepgram = await startFakeDeepgram({ apiKey: KEY })
  const sound = new Uint8Array(32_000)
  const room = await createScriptedRoom({ folder, microphones: ['Desk'], sound })
  const app = await serveDesktop({
    dataDir: folder,
    documentsDir: folder,
    startCapture: room.startCapture,
    settings: { transcription: { mode: 'byok' }, continuity: { silenceGate: 'on' } },
    variables: { SAYWIRE_MODELS_DIR: join(folder, 'models'), DEEPGRAM_URL: deepgram.url },
  })
  const window = await connectRpc(app.rpcUrl)
  const session = async () => (await window.call<DesktopState>('query', 'state.get')).session
  const silenceMs = async () => (await session()).silenceMs
  const sentBytes = () => deepgram.connections.at(-1)?.audioBytes ?? 0

  await window.call('mutation', 'deepgram.setKey', { key: KEY })
  await window.call('mutation', 'session.start')
  await expect.poll(silenceMs, SOON).toBeGreaterThanOrEqual(3000)
  expect(await session()).toMatchObject({ indicator: 'listening', isRunning: true })
  expect(sentBytes()).toBeLessThanOrEqual(LEAD_IN_BYTES)

  await window.call('mutation', 'settings.update', { continuity: { silenceGate: 'off' } })
  await expect.poll(sentBytes, SOON).toBeGreaterThan(2 * LEAD_IN_BYTES)
  const before = await silenceMs()
  await window.call('mutation', 'settings.update', { continuity: { silenceGate: 'on' } })
  await expect.poll(silenceMs, SOON).toBeGreaterThan(before)

  await window.call('mutation', 'session.stop')
  expect(await silenceMs()).toBeGreaterThan(before)
  window.close()
  await app.close()
  await rm(folder, { recursive: true, force: true })
}, 120_000)
