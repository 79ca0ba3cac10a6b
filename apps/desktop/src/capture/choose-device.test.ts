import { describe, expect, it } from 'vitest'
import type { CaptureDevice } from './capture-messages.ts'
import { chooseDevice } from './choose-device.ts'

const device = (index: number, name: string, isDefault = false): CaptureDevice => ({
  index,
  name,
  hostApi: 'ALSA',
  channels: 1,
  isDefault,
})
const DEVICES = [device(1, 'USB Mic'), device(4, 'USB Mic Pro'), device(7, 'Built-in 4', true)]

describe('choosing a microphone', () => {
  it.each([
    [undefined, 7],
    [4, 4],
    ['4', 4],
    ['usb mic', 1],
    ['PRO', 4],
    [' built ', 7],
  ])('takes %j as device %i', (wanted, index) => {
    expect(chooseDevice(DEVICES, wanted).index).toBe(index)
  })

  it('takes the one that is called exactly so, however odd its name is', () => {
    const odd = ['4', 'mic', 'Mic ', 'Mic', '', 'マイク'].map((name, index) => device(index, name))
    for (const { name, index } of odd) expect(chooseDevice(odd, name).index).toBe(index)
  })

  it('takes the first one where the system has no default', () => {
    expect(chooseDevice(DEVICES.slice(0, 2), undefined).index).toBe(1)
  })

  it.each([
    ['usb', 'choose one of 1 (USB Mic), 4 (USB Mic Pro).'],
    ['webcam', 'choose one of 1 (USB Mic), 4 (USB Mic Pro), 7 (Built-in 4).'],
    ['', 'choose one of'],
    [9, '"9"'],
  ])('names the microphones there are for %j', (wanted, sentence) => {
    expect(() => chooseDevice(DEVICES, wanted)).toThrow(sentence)
  })

  it('says so where there is none', () => {
    expect(() => chooseDevice([], undefined)).toThrow('There is no microphone')
  })
})
