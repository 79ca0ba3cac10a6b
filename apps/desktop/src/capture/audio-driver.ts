import type * as NaudiodonModule from 'naudiodon'
import { CaptureError } from '../core/ports.ts'
import type { CaptureDevice, MicrophoneChannel } from './capture-messages.ts'

export type Naudiodon = typeof NaudiodonModule
export type InputStream = NaudiodonModule.IoStreamRead

const RATE_HZ = 16_000
/** Audio that PortAudio may keep for us, in callbacks of 20 ms. */
const MAX_QUEUE = 100

export interface InputFormat {
  readonly rateHz: number
  readonly channels: number
}

/** @throws CaptureError `capture_unavailable` */
export async function loadNaudiodon(): Promise<Naudiodon> {
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

/**
 * The devices as they are now, while no stream is open in this process: each call starts PortAudio
 * anew and ends it again. With a stream open, those that were there when it was opened.
 */
export function inputDevices({ getDevices, getHostAPIs }: Naudiodon): CaptureDevice[] {
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

/**
 * Opens a device in the format nearest to ours that it takes.
 * @throws CaptureError `no_microphone`
 */
export function openInput(
  naudiodon: Naudiodon,
  device: CaptureDevice,
  channel: MicrophoneChannel,
): { input: InputStream; format: InputFormat } {
  const { AudioIO, SampleFormat16Bit } = naudiodon
  const ownRateHz = naudiodon.getDevices().find(({ id }) => id === device.index)?.defaultSampleRate
  let reason: unknown
  for (const format of formatsToTry(device, channel, ownRateHz ?? 48_000)) {
    const frames = Math.round((format.rateHz * 20) / 1000)
    try {
      const input = AudioIO({
        inOptions: {
          deviceId: device.index,
          sampleRate: format.rateHz,
          channelCount: format.channels,
          sampleFormat: SampleFormat16Bit,
          framesPerBuffer: frames,
          maxQueue: MAX_QUEUE,
          highwaterMark: frames * format.channels * 2,
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

/**
 * Our own format first, then the device's own rate. Two channels come first where a side is asked
 * for, and where the device has just these: opened with one, some systems mix them, others give
 * the left one.
 */
function formatsToTry(
  { channels }: CaptureDevice,
  channel: MicrophoneChannel,
  ownRateHz: number,
): readonly InputFormat[] {
  const stereo = channels >= 2 && (channel !== 'mix' || channels === 2)
  const counts = stereo ? [2, 1] : [1, Math.min(2, channels)]
  return counts.flatMap((channels) => [
    { rateHz: RATE_HZ, channels },
    { rateHz: ownRateHz, channels },
  ])
}
