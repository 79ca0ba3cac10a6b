import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forkCaptureChild } from './capture-child.ts'
import type { DeviceEvent } from './device-changes.ts'
import type { DeviceWatcher } from './device-watcher.ts'
import { createDeviceWatcher } from './device-watcher.ts'
import type { VirtualMicrophones } from './testing/virtual-microphone.ts'
import { createVirtualMicrophones, virtualMicrophoneMissing } from './testing/virtual-microphone.ts'

/** Users are promised 2 s, which device-watcher.test.ts proves by a clock of its own; here it may be busy. */
const NOTICED_WITHIN_MS = 10_000

const why = virtualMicrophoneMissing && ` (skipped: ${virtualMicrophoneMissing} is not installed)`
describe.skipIf(why)(
  `the device watcher and real devices${why ?? ''}`,
  { timeout: 120_000 },
  () => {
    let microphones: VirtualMicrophones
    let watcher: DeviceWatcher
    let listers = 0

    beforeAll(async () => {
      microphones = createVirtualMicrophones()
      await microphones.plug('headset')
      watcher = createDeviceWatcher({
        start(task) {
          listers += 1
          return forkCaptureChild(task, { env: { ...process.env, ...microphones.env } })
        },
      })
      // Somebody looks at the list of devices.
      watcher.attend()
      await watcher.refresh()
    }, 120_000)

    afterAll(async () => {
      watcher?.close()
      await microphones?.close()
    })

    /** The events up to the one that is waited for, which must come in time. */
    async function eventsUntil(
      last: DeviceEvent['type'],
      act: () => void | Promise<void>,
    ): Promise<readonly string[]> {
      const told: string[] = []
      let beganMs = 0
      const tookMs = await new Promise<number>((resolve) => {
        const stop = watcher.subscribe(({ type, device }) => {
          told.push(`${type} ${device?.name}`)
          if (type !== last) return
          stop()
          resolve(performance.now() - beganMs)
        })
        beganMs = performance.now()
        void act()
      })
      expect(tookMs).toBeLessThan(NOTICED_WITHIN_MS)
      return told
    }

    it('lists what is plugged in', async () => {
      expect(watcher.devices).toMatchObject([{ name: 'headset', hostApi: 'ALSA', isDefault: true }])
    })

    it('notices that a microphone is plugged in', async () => {
      await microphones.prepare('webcam')
      const told = await eventsUntil('added', () => microphones.plug('webcam'))
      expect(told).toEqual(['added webcam'])
    })

    it('notices that the default is another', async () => {
      const told = await eventsUntil('default-changed', () => microphones.makeDefault('webcam'))
      expect(told).toEqual(['default-changed webcam'])
    })

    it('notices that a microphone is unplugged, and which is the default then', async () => {
      const told = await eventsUntil('default-changed', () => microphones.unplug('webcam'))
      expect(told).toEqual(['removed webcam', 'default-changed headset'])
    })

    it('survives that PortAudio aborts, and knows the devices afterwards', async () => {
      const before = listers
      microphones.breakSystem()
      await expect.poll(() => listers, { timeout: 60_000 }).toBeGreaterThan(before)
      microphones.mendSystem()
      await microphones.plug('desk')
      await expect
        .poll(() => watcher.devices.map(({ name }) => name), { timeout: 60_000 })
        .toEqual(['headset', 'desk'])
    })
  },
)
