import { describe, expect, it } from 'vitest'
import type { CaptureDevice } from './capture-messages.ts'
import { changesBetween, usableDevices } from './device-changes.ts'

const device = (name: string, more: Partial<CaptureDevice> = {}): CaptureDevice => ({
  index: 0,
  name,
  hostApi: 'ALSA',
  channels: 1,
  isDefault: false,
  ...more,
})

describe('the devices a user chooses among', () => {
  it('are those of the interface that has the default, each once', () => {
    const devices = [
      device('Mic', { hostApi: 'MME', isDefault: true }),
      device('Mic', { hostApi: 'MME' }),
      device('Mic (USB Audio)', { hostApi: 'Windows WASAPI' }),
    ]
    expect(usableDevices({ devices, plugged: [] }, [])).toEqual([devices[0]])
  })

  it('keep one that PortAudio cannot open while it is recorded from, until it is unplugged', () => {
    const before = [device('default', { isDefault: true }), device('USB Mic: Audio (hw:1,0)')]
    const devices = before.slice(0, 1)
    expect(usableDevices({ devices, plugged: ['hw:1,0'] }, before)).toEqual(before)
    expect(usableDevices({ devices, plugged: ['hw:11,0'] }, before)).toEqual(devices)
  })
})

describe('changes between two lists', () => {
  it('name what went, what came and the new default, whatever the numbers', () => {
    const before = [device('a', { isDefault: true }), device('b', { index: 1 })]
    const after = [device('b'), device('c', { index: 1, isDefault: true })]
    expect(changesBetween(before, after).map(({ type, device }) => [type, device?.name])).toEqual([
      ['removed', 'a'],
      ['added', 'c'],
      ['default-changed', 'c'],
    ])
    expect(changesBetween(after, [device('c', { isDefault: true }), device('b')])).toEqual([])
  })

  it('say that there is no default any more', () => {
    const [, last] = changesBetween([device('a', { isDefault: true })], [])
    expect(last).toEqual({ type: 'default-changed', device: undefined })
  })
})
