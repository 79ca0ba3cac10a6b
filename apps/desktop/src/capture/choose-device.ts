import { CaptureError } from '../core/ports.ts'
import type { CaptureDevice } from './capture-messages.ts'

/**
 * The device that the user means: its very name, an index (also written as text), a name or a part
 * of one whatever its case; the system's default, else the first one, where nothing is asked for.
 * @throws CaptureError `no_microphone`, naming the devices there are
 */
export function chooseDevice(
  devices: readonly CaptureDevice[],
  wanted: string | number | undefined,
): CaptureDevice {
  const first = devices[0]
  if (!first) {
    throw new CaptureError(
      'no_microphone',
      'There is no microphone: plug one in, and allow this program to use it.',
    )
  }
  if (wanted === undefined) return devices.find((device) => device.isDefault) ?? first
  const text = String(wanted).trim().toLowerCase()
  const nameOf = (device: CaptureDevice) => device.name.toLowerCase()
  const named = devices.find((device) => device.name === wanted)
  const byIndex = devices.find((device) => String(device.index) === text)
  const exact = named ?? byIndex ?? devices.find((device) => nameOf(device) === text)
  if (exact) return exact
  const partial = devices.filter((device) => nameOf(device).includes(text))
  if (text !== '' && partial.length === 1) return partial[0] as CaptureDevice
  const problem = partial.length > 1 ? 'Several microphones are called' : 'There is no microphone'
  const choice = partial.length > 1 ? partial : devices
  const list = choice.map(({ index, name }) => `${index} (${name})`).join(', ')
  throw new CaptureError('no_microphone', `${problem} "${wanted}": choose one of ${list}.`)
}
