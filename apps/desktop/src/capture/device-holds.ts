import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'

/** Which capture processes hold a device: many systems open it only once. */
export interface DeviceHolds {
  /** Resolves when every process that has recorded this device so far has let go of it. */
  freed(device: string | number | undefined): Promise<void>
  readonly start: StartCaptureChild
}

/** @param start default: a child of this process */
export function createDeviceHolds(start: StartCaptureChild = forkCaptureChild): DeviceHolds {
  const holders = new Map<string | number | undefined, Promise<void>>()
  return {
    freed: async (device) => holders.get(device),
    start(task) {
      const child = start(task)
      if (task.do !== 'capture' && task.do !== 'meter') return child
      const { device } = task
      const exited = new Promise<void>((resolve) => child.onExit(() => resolve()))
      const all = Promise.all([holders.get(device), exited]).then(() => {
        if (holders.get(device) === all) holders.delete(device)
      })
      holders.set(device, all)
      return child
    },
  }
}
