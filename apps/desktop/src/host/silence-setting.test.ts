import { expect, it } from 'vitest'
import { setDesktopStage, SOON } from '../testing/desktop-stage.ts'

/** What holds a Deepgram stream that has had no audio yet: 100 ms of silence. */
const LEAD_IN_BYTES = 3200

it('a silent room is not sent, how long is shown, and switching that off takes effect at once', async () => {
  await using stage = await setDesktopStage({ sound: new Uint8Array(32_000) })
  await stage.open({
    settings: { transcription: { mode: 'byok' }, continuity: { silenceGate: 'on' } },
  })
  const session = async () => (await stage.state()).session
  const silenceMs = async () => (await session()).silenceMs
  const sentBytes = () => stage.deepgram.connections.at(-1)?.audioBytes ?? 0

  await stage.useKey()
  await stage.start()
  await expect.poll(silenceMs, SOON).toBeGreaterThanOrEqual(3000)
  expect(await session()).toMatchObject({ indicator: 'listening', isRunning: true })
  expect(sentBytes()).toBeLessThanOrEqual(LEAD_IN_BYTES)

  await stage.update({ continuity: { silenceGate: 'off' } })
  await expect.poll(sentBytes, SOON).toBeGreaterThan(2 * LEAD_IN_BYTES)
  const before = await silenceMs()
  await stage.update({ continuity: { silenceGate: 'on' } })
  await expect.poll(silenceMs, SOON).toBeGreaterThan(before)

  await stage.stop()
  expect(await silenceMs()).toBeGreaterThan(before)
}, 120_000)
