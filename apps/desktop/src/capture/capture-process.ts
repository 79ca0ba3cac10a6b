/**
 * The process that records: the only one that loads naudiodon (PortAudio), whose native code may
 * crash or hang and learns of new devices only when it starts. It ends when its parent does.
 */
import { bytesToMs, createPcmConverter, PcmFramer } from '@saywire/speech'
import type * as NaudiodonModule from 'naudiodon'
import type { CaptureErrorCode } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import type { CaptureDevice, CaptureMessage, CaptureTask } from './capture-messages.ts'
import { chooseDevice } from './choose-device.ts'

type Naudiodon = typeof NaudiodonModule
type InputStream = NaudiodonModule.IoStreamRead

const FRAME_BYTES = 640
const RATE_HZ = 16_000
/** Audio that PortAudio may keep for us, in callbacks of 20 ms. */
const MAX_QUEUE = 100
/** Frames on their way to a parent that does not read; what comes on top is dropped. */
const MAX_UNSENT = 250
/** naudiodon's quit() never calls back where the device has stalled. */
const QUIT_TIMEOUT_MS = 300

/** Sample formats to try: what we want, else the device's own. */
interface InputFormat {
  readonly rateHz: number
  readonly channels: number
}

let stream: InputStream | undefined
process.on('disconnect', quit)
// Ctrl-C reaches this process too; its parent decides what it means.
process.on('SIGINT', () => undefined)

try {
  const task = JSON.parse(process.argv[2] ?? '') as CaptureTask
  const naudiodon = await loadNaudiodon()
  const devices = inputDevices(naudiodon)
  if (task.do === 'list') send({ type: 'devices', devices }, quit)
  else capture(naudiodon, chooseDevice(devices, task.device))
} catch (error) {
  if (error instanceof CaptureError) fail(error.code, error.message, error.cause)
  else fail('no_microphone', 'The microphone failed in an unexpected way: try again.', error)
}

async function loadNaudiodon(): Promise<Naudiodon> {
  try {
    const { default: naudiodon } = (await import('naudiodon')) as unknown as { default: Naudiodon }
    return naudiodon
  } catch (cause) {
    const sentence = String(cause).includes('libasound')
      ? 'The microphone needs the sound library libasound2: install it, for example `apt install libasound2`.'
      : 'The microphone driver is not built: install Python 3, make and a C++ compiler (Debian: `apt install python3 make g++`; macOS: `xcode-select --install`; Windows: Visual Studio Build Tools), then run `npm run postinstall`.'
    throw new CaptureError('capture_unavailable', sentence, cause)
  }
}

function inputDevices({ getDevices, getHostAPIs }: Naudiodon): CaptureDevice[] {
  const { HostAPIs, defaultHostAPI } = getHostAPIs()
  const defaultIndex = HostAPIs.find(({ id }) => id === defaultHostAPI)?.defaultInput
  return getDevices()
    .filter((device) => device.maxInputChannels > 0)
    .map((device) => ({
      index: device.id,
      name: device.name,
      hostApi: device.hostAPIName,
      channels: device.maxInputChannels,
      isDefault: device.id === defaultIndex,
    }))
}

function capture(naudiodon: Naudiodon, device: CaptureDevice): void {
  const ownRateHz = naudiodon.getDevices().find(({ id }) => id === device.index)?.defaultSampleRate
  const { input, format } = openFirst(naudiodon, device, [
    { rateHz: RATE_HZ, channels: 1 },
    { rateHz: ownRateHz ?? 48_000, channels: 1 },
    { rateHz: ownRateHz ?? 48_000, channels: Math.min(2, device.channels) },
  ])
  stream = input
  const framer = new PcmFramer(FRAME_BYTES, createFrameSender())
  const converter = createPcmConverter(format, (pcm) => framer.push(pcm))
  input.on('data', (bytes: Buffer) => converter.push(bytes))
  const stopped = (cause?: unknown) =>
    fail('no_microphone', `The microphone ${device.name} stopped.`, cause)
  input.once('error', stopped)
  input.once('end', stopped)
  send({ type: 'opened', deviceName: device.name })
  input.start()
}

function openFirst(
  { AudioIO, SampleFormat16Bit }: Naudiodon,
  device: CaptureDevice,
  formats: readonly InputFormat[],
): { input: InputStream; format: InputFormat } {
  let reason: unknown
  for (const format of formats) {
    const frames = (format.rateHz * 20) / 1000
    try {
      const input = AudioIO({
        inOptions: {
          deviceId: device.index,
          sampleRate: format.rateHz,
          channelCount: format.channels,
          sampleFormat: SampleFormat16Bit,
          framesPerBuffer: Math.round(frames),
          maxQueue: MAX_QUEUE,
          highwaterMark: Math.round(frames) * format.channels * 2,
          // Otherwise a moment of overload ends the recording.
          closeOnError: false,
        },
      })
      return { input, format }
    } catch (error) {
      reason = error
    }
  }
  throw new CaptureError(
    'no_microphone',
    `The microphone ${device.name} cannot be opened: check that no other program holds it, or choose another device.`,
    reason,
  )
}

/** Frames go out without waiting; the queue to a parent that does not read is bounded. */
function createFrameSender(): (pcm: Uint8Array) => void {
  let unsent = 0
  let droppedMs = 0
  const sent = () => void unsent--
  return (pcm) => {
    if (unsent >= MAX_UNSENT) {
      droppedMs += bytesToMs(pcm.byteLength)
      return
    }
    if (droppedMs > 0) send({ type: 'gap', durationMs: droppedMs })
    droppedMs = 0
    unsent += 1
    send({ type: 'audio', pcm }, sent)
  }
}

function send(message: CaptureMessage, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, sent)
}

function fail(code: CaptureErrorCode, sentence: string, cause?: unknown): void {
  const reason = cause instanceof Error ? { cause: cause.message } : {}
  send({ type: 'failed', code, sentence, ...reason }, quit)
}

/** Lets go of the device, then of everything, in bounded time. */
function quit(): void {
  // process.exit() would wait for the thread that is inside a stalled read.
  const end = () => void process.kill(process.pid, 'SIGKILL')
  if (!stream) return end()
  setTimeout(end, QUIT_TIMEOUT_MS)
  stream.quit(end)
}
