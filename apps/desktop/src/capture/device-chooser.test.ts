import { describe, expect, it } from 'vitest'
import type { CaptureDevice } from './capture-messages.ts'
import { createDeviceChooser } from './device-chooser.ts'

function list(...names: string[]): CaptureDevice[] {
  return names.map((name, index) => ({
    index,
    name: name.replace('*', ''),
    hostApi: 'ALSA',
    channels: 1,
    isDefault: name.endsWith('*'),
  }))
}

describe('choosing among the devices that are there', () => {
  it.each([
    { order: ['a', 'b'], there: list('b', 'c*', 'a'), chosen: 'a' },
    { order: ['a', 'b'], there: list('b', 'c*'), chosen: 'b' },
    { order: ['a', 'b'], there: list('d', 'c*'), chosen: 'c' },
    { order: [], there: list('d', 'c*'), chosen: 'c' },
    { order: [], there: list('d', 'c'), chosen: 'd' },
    { order: ['a'], there: [], chosen: undefined },
  ])('takes $chosen for the order $order', ({ order, there, chosen }) => {
    const chooser = createDeviceChooser()
    chooser.update(there, 0)
    expect(chooser.choose(order, undefined, 0).device?.name).toBe(chosen)
  })

  it('returns to a better one when it stayed for a second', () => {
    const chooser = createDeviceChooser()
    chooser.update(list('b*'), 0)
    chooser.update(list('b*', 'a'), 5000)
    const early = chooser.choose(['a'], 'b', 5400)
    expect(early).toMatchObject({ device: { name: 'b' }, againInMs: 600 })
    expect(chooser.choose(['a'], 'b', 6000).device?.name).toBe('a')
  })

  it('waits longer each time for a plug that comes and goes, and forgives it in a minute', () => {
    const chooser = createDeviceChooser()
    const waits: (number | undefined)[] = []
    for (const atMs of [0, 4000, 8000, 12_000]) {
      chooser.update(list('b*', 'a'), atMs)
      chooser.update(list('b*'), atMs + 1000)
      chooser.update(list('b*', 'a'), atMs + 2000)
      waits.push(chooser.choose(['a'], 'b', atMs + 2000).againInMs)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000])
    expect(chooser.choose(['a'], 'b', 80_000).device?.name).toBe('a')
  })

  it('takes what was just plugged in at once where nothing else is left', () => {
    const chooser = createDeviceChooser()
    chooser.update(list('a'), 0)
    chooser.update([], 1000)
    chooser.update(list('b'), 2000)
    expect(chooser.choose(['a'], undefined, 2000).device?.name).toBe('b')
  })

  it('follows a default that changes at once', () => {
    const chooser = createDeviceChooser()
    chooser.update(list('a*', 'b'), 0)
    chooser.update(list('a', 'b*'), 1000)
    expect(chooser.choose([], 'a', 1000).device?.name).toBe('b')
  })

  it('starts again what stopped twice, then goes on with another and comes back later', () => {
    const chooser = createDeviceChooser()
    const order = ['a', 'b']
    chooser.update(list('a*', 'b'), 0)
    expect(chooser.setback('a', 'stopped', 0)).toBe(250)
    const soon = chooser.choose(order, undefined, 0)
    expect(soon).toEqual({ device: undefined, againInMs: 250 })
    expect(chooser.choose(order, undefined, 250).device?.name).toBe('a')
    expect(chooser.setback('a', 'stopped', 300)).toBe(500)
    expect(chooser.setback('a', 'stopped', 900)).toBe(10_000)
    const instead = chooser.choose(order, undefined, 900)
    expect(instead).toMatchObject({ device: { name: 'b' }, againInMs: 10_000 })
    expect(chooser.choose(order, 'b', 10_900).device?.name).toBe('a')
  })

  it('goes on with another at once where one cannot be opened', () => {
    const chooser = createDeviceChooser()
    chooser.update(list('a*', 'b'), 0)
    expect(chooser.setback('a', 'unopenable', 0)).toBe(10_000)
    expect(chooser.choose(['a', 'b'], undefined, 0).device?.name).toBe('b')
  })
})
