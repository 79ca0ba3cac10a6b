import { setImmediate as tick } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createDeviceHolds } from './device-holds.ts'
import { createFakeCapture } from './testing/fake-capture-child.ts'

it('keeps a device from the next one until every process that had it is gone', async () => {
  const { start, children } = createFakeCapture()
  const holds = createDeviceHolds(start)
  holds.start({ do: 'meter', device: 'usb', channel: 'mix' })
  holds.start({ do: 'capture', device: 'usb' })
  holds.start({ do: 'list' })
  const freed: string[] = []
  void holds.freed('usb').then(() => freed.push('usb'))
  void holds.freed('desk').then(() => freed.push('desk'))
  await tick()
  children[1]?.exit()
  await tick()
  expect(freed).toEqual(['desk'])
  children[0]?.exit()
  await tick()
  expect(freed).toEqual(['desk', 'usb'])
})
