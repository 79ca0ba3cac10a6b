import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { AudioLevel, MicrophoneChannel } from './capture-messages.ts'
import { forkCaptureChild } from './capture-child.ts'
import { createDeviceHolds } from './device-holds.ts'
import { createMicrophoneMeter } from './microphone-meter.ts'
import type { VirtualMicrophone } from './testing/virtual-microphone.ts'
import { createVirtualMicrophone, virtualMicrophoneMissing } from './testing/virtual-microphone.ts'

const RATE_HZ = 16_000
/** Longer than the tests: the last of them hears it still. */
const SECONDS = 120

const why = virtualMicrophoneMissing && ` (skipped: ${virtualMicrophoneMissing} is not installed)`
describe.skipIf(why)(`a real stereo microphone${why ?? ''}`, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-channel-'))
  let microphone: VirtualMicrophone

  beforeAll(async () => {
    microphone = await createVirtualMicrophone(2)
    writeFileSync(join(folder, 'left.wav'), toneOnTheLeft())
    void microphone.play(join(folder, 'left.wav')).catch(() => undefined)
  }, 60_000)

  afterAll(async () => {
    await microphone?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    { channel: 'left', peakDbfs: -6 },
    { channel: 'right', peakDbfs: -100 },
    { channel: 'mix', peakDbfs: -12 },
  ] as const)('gives $peakDbfs dBFS on $channel, spoken into the left at -6', async (wanted) => {
    const { levels, problems } = await metered(wanted.channel)
    // The sound may begin late, or come with holes.
    const peakDbfs = () => levels.at(-1)?.peakDbfs
    await expect.poll(peakDbfs, { timeout: 60_000 }).toBeCloseTo(wanted.peakDbfs, 0)
    expect(problems).toEqual([])
  })

  /** What a meter says, the newest last, from a second after it began. */
  async function metered(channel: MicrophoneChannel) {
    const levels: AudioLevel[] = []
    const problems: string[] = []
    const meter = createMicrophoneMeter({
      device: microphone.device,
      channel,
      holds: createDeviceHolds((task) =>
        forkCaptureChild(task, { env: { ...process.env, ...microphone.env } }),
      ),
      onLevel: (level) => levels.push(level),
      onProblem: (sentence) => sentence !== undefined && problems.push(sentence),
    })
    onTestFinished(meter.close)
    await expect.poll(() => levels.length, { timeout: 60_000 }).toBeGreaterThan(20)
    return { levels, problems }
  }
})

/** A stereo WAV file: 1 kHz at half of full scale on the left, nothing on the right. */
function toneOnTheLeft(): Buffer {
  const samples = new Int16Array(2 * RATE_HZ * SECONDS)
  for (let i = 0; i < samples.length; i += 2) {
    samples[i] = 16_384 * Math.sin((i / 2 / RATE_HZ) * 2000 * Math.PI)
  }
  const data = Buffer.from(samples.buffer)
  const header = Buffer.alloc(44)
  header.write('RIFF')
  header.writeUInt32LE(36 + data.byteLength, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(RATE_HZ, 24)
  header.writeUInt32LE(RATE_HZ * 4, 28)
  header.writeUInt16LE(4, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.byteLength, 40)
  return Buffer.concat([header, data])
}
