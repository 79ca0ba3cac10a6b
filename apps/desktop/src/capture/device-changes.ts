import type { CaptureDevice, DeviceList } from './capture-messages.ts'

export type DeviceEvent =
  | { readonly type: 'added' | 'removed'; readonly device: CaptureDevice }
  /** Undefined where there is no microphone any more. */
  | { readonly type: 'default-changed'; readonly device: CaptureDevice | undefined }

/** ALSA's number at the end of a sound card's name: `USB Mic: Audio (hw:1,0)`. */
const ALSA_NUMBER = /\((hw:\d+,\d+)\)/

/**
 * The devices that a user chooses among. Windows offers each device through several interfaces:
 * those of the interface that has the default are enough. On Linux PortAudio misses a device that is
 * being recorded from: as long as it is plugged in, it stays.
 */
export function usableDevices(
  { devices, plugged }: Pick<DeviceList, 'devices' | 'plugged'>,
  before: readonly CaptureDevice[],
): CaptureDevice[] {
  const hostApi = (devices.find(({ isDefault }) => isDefault) ?? devices[0])?.hostApi
  const found = new Map<string, CaptureDevice>()
  for (const device of devices) {
    if (device.hostApi === hostApi && !found.has(device.name)) found.set(device.name, device)
  }
  for (const device of before) {
    const number = ALSA_NUMBER.exec(device.name)?.[1]
    const isBusy = number !== undefined && plugged.includes(number) && !found.has(device.name)
    if (isBusy) found.set(device.name, { ...device, isDefault: false })
  }
  return [...found.values()]
}

/** What led from one list to the other, by name: PortAudio's numbers mean nothing for long. */
export function changesBetween(
  before: readonly CaptureDevice[],
  after: readonly CaptureDevice[],
): DeviceEvent[] {
  const missingIn = (devices: readonly CaptureDevice[]) => (device: CaptureDevice) =>
    !devices.some(({ name }) => name === device.name)
  const removed = before.filter(missingIn(after))
  const added = after.filter(missingIn(before))
  const wasDefault = before.find(({ isDefault }) => isDefault)
  const isDefault = after.find(({ isDefault }) => isDefault)
  return [
    ...removed.map((device) => ({ type: 'removed', device }) as const),
    ...added.map((device) => ({ type: 'added', device }) as const),
    ...(wasDefault?.name === isDefault?.name
      ? []
      : [{ type: 'default-changed', device: isDefault } as const]),
  ]
}
