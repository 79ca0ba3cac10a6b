import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { CaptureMessage, CaptureTask } from './capture-messages.ts'
import type { TappedCapture } from './testing/ipc-tap.ts'
import { tapCapture } from './testing/ipc-tap.ts'
import type { VirtualMicrophone } from './testing/virtual-microphone.ts'
import { createVirtualMicrophone, virtualMicrophoneMissing } from './testing/virtual-microphone.ts'

const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
type RecordTask = Extract<CaptureTask, { do: 'capture' }>
/** Users are promised 100 ms, which mute-wish.test.ts proves by a clock of its own; here it may be busy. */
const MUTED_WITHIN_MS = 2000
const FRAME_BYTES = 640
const BYTES_PER_MS = 32

const why = virtualMicrophoneMissing && ` (skipped: ${virtualMicrophoneMissing} is not installed)`
describe.skipIf(why)(`mute, at the real capture process${why ?? ''}`, { timeout: 120_000 }, () => {
  let microphone: VirtualMicrophone

  beforeAll(async () => {
    microphone = await createVirtualMicrophone()
  }, 60_000)

  afterAll(() => microphone?.close())

  function start(more: Pick<RecordTask, 'muted' | 'level'> = {}): TappedCapture {
    return tap({ do: 'capture', device: microphone.device, ...more })
  }

  function tap(task: CaptureTask): TappedCapture {
    const capture = tapCapture(task, microphone.env)
    onTestFinished(capture.kill)
    return capture
  }

  /** Eleven seconds, of which a test needs the first; the rest ends with the sound server. */
  const speak = () => void microphone.play(SPEECH).catch(() => undefined)

  const find = <T extends CaptureMessage['type']>({ said }: TappedCapture, type: T) =>
    said.filter(
      (one): one is typeof one & { message: Extract<CaptureMessage, { type: T }> } =>
        one.message.type === type,
    )

  async function until(condition: () => boolean): Promise<void> {
    await expect.poll(condition, { timeout: 60_000, interval: 10 }).toBe(true)
  }

  it('lets not one byte of audio out, from soon after the wish until its end', async () => {
    const capture = start()
    await until(() => find(capture, 'audio').length > 10)
    speak()

    const wishedMs = performance.now()
    capture.post({ do: 'mute', muted: true, seq: 1 })
    await until(() => find(capture, 'mute').length === 1)
    const [muted] = find(capture, 'mute')
    expect((muted?.atMs ?? Infinity) - wishedMs).toBeLessThan(MUTED_WITHIN_MS)
    const bytesBefore = capture.bytesOut()
    const saidBefore = capture.said.length

    await until(() => find(capture, 'muted').length >= 10)
    const saidMuted = capture.said.slice(saidBefore)
    const bytesMuted = capture.bytesOut() - bytesBefore
    expect(saidMuted.map(({ message }) => message.type)).not.toContain('audio')
    // Every byte that left is one of the numbers that say how time goes on.
    expect(bytesMuted).toBe(saidMuted.reduce((sum, { wireBytes }) => sum + wireBytes, 0))
    expect(bytesMuted / saidMuted.length).toBeLessThan(64)

    capture.post({ do: 'mute', muted: false, seq: 2 })
    await until(() => find(capture, 'mute').length === 2)
    await until(() => capture.said.at(-1)?.message.type === 'audio')
    const audioBytes = find(capture, 'mute').map(({ message }) => message.audioBytes)
    expect(audioBytes[1]).toBe(audioBytes[0])
    const audioBefore = find(capture, 'audio').filter((one) => one.atMs <= (muted?.atMs ?? 0))
    expect(audioBytes[0]).toBe(audioBefore.length * FRAME_BYTES)
  })

  it('keeps the clock true: audio and muted time together are the time that went by', async () => {
    const capture = start()
    await until(() => find(capture, 'audio').length > 10)
    for (let seq = 1; seq <= 6; seq++) {
      const before = capture.said.length
      capture.post({ do: 'mute', muted: seq % 2 === 1, seq })
      await until(() => capture.said.length > before + 8)
    }
    await until(() => capture.said.at(-1)?.message.type === 'audio')
    const driftMs = () => {
      const [first, last] = [find(capture, 'audio')[0], capture.said.at(-1)]
      const wentByMs = (last?.atMs ?? 0) - (first?.atMs ?? 0)
      const toldMs =
        (find(capture, 'audio').length - 1) * (FRAME_BYTES / BYTES_PER_MS) +
        find(capture, 'muted').reduce((sum, { message }) => sum + message.durationMs, 0)
      return Math.abs(wentByMs - toldMs)
    }
    // Frames come in the sound server's own portions, and one of them may be late.
    await expect.poll(driftMs, { timeout: 20_000, interval: 5 }).toBeLessThan(200)
  })

  it('starts muted, and still says how loud it is', async () => {
    const capture = start({ muted: true, level: true })
    await until(() => find(capture, 'muted').length > 1)
    speak()
    await until(() => find(capture, 'level').some(({ message }) => message.rmsDbfs > -40))
    expect(find(capture, 'audio')).toEqual([])
    capture.post({ do: 'level', on: false })
    capture.post({ do: 'mute', muted: false, seq: 1 })
    await until(() => find(capture, 'audio').length > 10)
  })

  it('gives levels only where only these were asked for', async () => {
    const capture = tap({ do: 'meter', device: microphone.device })
    speak()
    await until(() => find(capture, 'level').some(({ message }) => message.peakDbfs > -20))
    // Ten seconds of them: the first may be late.
    await until(() => find(capture, 'level').length > 200)
    expect(new Set(capture.said.map(({ message }) => message.type))).toEqual(
      new Set(['opened', 'level']),
    )
    const [first, last] = [find(capture, 'level')[0], find(capture, 'level').at(-1)]
    const perSecond =
      find(capture, 'level').length / (((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000)
    expect(perSecond).toBeGreaterThan(15)
    expect(perSecond).toBeLessThan(25)
  })
})
