import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GapReason } from '../core/ports.ts'
import type { CaptureDevice } from './capture-messages.ts'
import { createDeviceHolds } from './device-holds.ts'
import type { DeviceWatcher } from './device-watcher.ts'
import { createOrderedMicrophone } from './ordered-microphone.ts'
import type { FakeCaptureChild } from './testing/fake-capture-child.ts'
import { createFakeCapture } from './testing/fake-capture-child.ts'

const device = (name: string, isDefault: boolean): CaptureDevice => ({
  index: 0,
  name,
  hostApi: 'ALSA',
  channels: 1,
  isDefault,
})

/** Devices that come and go when the test says so. The first one is the default. */
function fakeWatcher(...names: string[]) {
  const listeners = new Set<() => void>()
  const toDevices = (names: string[]) => names.map((name, i) => device(name, i === 0))
  let devices = toDevices(names)
  const watcher: DeviceWatcher = {
    get devices() {
      return devices
    },
    problem: undefined,
    subscribe(listener) {
      const tell = () => listener({ type: 'default-changed', device: devices[0] })
      listeners.add(tell)
      return () => void listeners.delete(tell)
    },
    hint: () => undefined,
    refresh: async () => devices,
    attend: () => () => undefined,
    close: () => undefined,
  }
  return {
    watcher,
    plug(...names: string[]) {
      devices = toDevices(names)
      for (const tell of listeners) tell()
    },
  }
}

describe('microphones in the order of the user', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  async function run(order: string[], ...names: string[]) {
    const { start, children } = createFakeCapture()
    const { watcher, plug } = fakeWatcher(...names)
    const microphone = createOrderedMicrophone({
      watcher,
      holds: createDeviceHolds(start),
      preferences: { order, channel: 'mix' },
    })
    const notices: string[] = []
    const gaps: [number, GapReason][] = []
    const devices: (string | undefined)[] = []
    let frames = 0
    const stop = new AbortController()
    const ended = microphone.run(
      {
        onAudio: () => (frames += 1),
        onGap: (durationMs, reason) => gaps.push([durationMs, reason]),
        onDevice: (name) => devices.push(name),
        onNotice: (sentence) => notices.push(sentence),
        bufferedMs: () => 0,
      },
      stop.signal,
    )
    ended.catch(() => undefined)
    await vi.advanceTimersByTimeAsync(0)
    const child = () => children.at(-1) as FakeCaptureChild
    const open = () => {
      const { task } = child()
      const name = task.do === 'capture' ? String(task.device) : ''
      child().say({ type: 'opened', deviceName: name })
      child().sound()
    }
    const after = (ms: number) => vi.advanceTimersByTimeAsync(ms)
    return {
      children,
      child,
      open,
      after,
      plug,
      stop,
      ended,
      microphone,
      notices,
      gaps,
      devices,
      frames: () => frames,
    }
  }

  it('says what it starts with where the first choice is not there', async () => {
    const { open, notices, devices } = await run(['usb'], 'built-in')
    open()
    expect(devices).toEqual(['built-in'])
    expect(notices).toEqual(['The microphone usb is not plugged in: capturing built-in.'])
  })

  it('goes on with the next one to the ms where one is unplugged', async () => {
    const { children, child, open, after, plug, gaps, notices } = await run(['usb'], 'usb', 'desk')
    open()
    await after(700)
    plug('desk')
    await after(0)
    expect(children).toHaveLength(2)
    await after(333)
    open()
    child().sound()
    expect(gaps).toEqual([[700 + 333 - 20, 'switched']])
    expect(notices).toEqual(['The microphone usb was unplugged: capturing desk.'])
  })

  it('keeps one that is heard, though the list misses it because it is in use', async () => {
    const { children, child, open, after, plug } = await run([], 'usb', 'desk')
    open()
    plug('desk')
    for (let i = 0; i < 100; i++) {
      child().sound()
      await after(20)
    }
    expect(children).toHaveLength(1)
    await after(600)
    expect(child().task).toMatchObject({ device: 'desk' })
  })

  it('does not thrash with a plug that comes and goes', async () => {
    const { children, child, open, after, plug, devices } = await run(['usb'], 'desk')
    open()
    for (let i = 0; i < 20; i++) {
      plug('desk', 'usb')
      await after(900)
      plug('desk')
      child().sound()
      await after(100)
    }
    expect(children).toHaveLength(1)
    plug('desk', 'usb')
    for (let i = 0; i < 31 && children.length === 1; i++) {
      child().sound()
      await after(1000)
    }
    open()
    expect(devices).toEqual(['desk', 'usb'])
  })

  it('starts one that stops again, twice, then goes on with the next', async () => {
    const { child, open, after, notices, devices, gaps } = await run([], 'usb', 'desk')
    open()
    for (const restMs of [250, 500]) {
      child().exit('crashed')
      await after(restMs)
      open()
    }
    child().exit('crashed')
    await after(0)
    open()
    expect(devices).toEqual(['usb', 'desk'])
    expect(notices).toEqual([
      'The microphone usb stopped; starting it again.',
      'The microphone usb stopped; starting it again.',
      'The microphone usb stopped: capturing desk.',
    ])
    expect(gaps.map(([, reason]) => reason)).toEqual(['lost', 'lost'])
  })

  it('goes on with the next at once where one cannot be opened', async () => {
    const { child, open, after, notices } = await run(['usb'], 'usb', 'desk')
    child().say({ type: 'failed', code: 'no_microphone', sentence: 'It cannot be opened.' })
    await after(0)
    open()
    expect(notices).toEqual([
      'The microphone usb cannot be opened, perhaps another program holds it: capturing desk.',
    ])
  })

  it('fails only where nothing can be captured at all', async () => {
    const { child, ended, after } = await run([], 'usb')
    const sentence = 'The microphone driver is not built.'
    child().say({ type: 'failed', code: 'capture_unavailable', sentence })
    await after(0)
    await expect(ended).rejects.toMatchObject({ code: 'capture_unavailable', message: sentence })
  })

  it('starts muted what it starts while muted, whatever the reason', async () => {
    const { child, open, after, plug, microphone, frames, gaps } = await run([], 'usb')
    open()
    microphone.setMuted(true)
    child().sound()
    child().exit('crashed')
    await after(250)
    expect(child().task).toMatchObject({ device: 'usb', muted: true })
    plug('desk')
    await after(3000)
    expect(child().task).toMatchObject({ device: 'desk', muted: true })
    child().say({ type: 'muted', durationMs: 200 })
    expect(frames()).toBe(1)
    expect(gaps.at(-1)).toEqual([200, 'muted'])
  })

  it('starts one at once that was killed for not muting in time, however often', async () => {
    const { children, child, open, after, microphone, notices } = await run([], 'usb', 'desk')
    open()
    for (let times = 1; times <= 5; times++) {
      microphone.setMuted(true)
      await after(100)
      expect(children).toHaveLength(times + 1)
      expect(child().task).toMatchObject({ device: 'usb', muted: true })
      microphone.setMuted(false)
      open()
    }
    expect(notices).toEqual([])
  })

  it('ends at once although the devices are being listed', async () => {
    const holds = createDeviceHolds(createFakeCapture().start)
    const { watcher } = fakeWatcher('usb')
    const slow = { ...watcher, refresh: async () => new Promise<never>(() => undefined) }
    const preferences = { order: [], channel: 'mix' } as const
    const microphone = createOrderedMicrophone({ watcher: slow, holds, preferences })
    const stop = new AbortController()
    const listener = {
      onAudio: () => undefined,
      onGap: () => undefined,
      onNotice: () => undefined,
      bufferedMs: () => 0,
    }
    let isOver = false
    void microphone.run(listener, stop.signal).then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(1000)
    stop.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(isOver).toBe(true)
  })

  it('leaves nothing behind each time that it waits for a device', async () => {
    const { stop, open, after, plug } = await run([], 'usb')
    open()
    for (let times = 0; times < 20; times++) {
      plug()
      await after(5000)
      plug('usb')
      await after(5000)
      open()
    }
    expect(getEventListeners(stop.signal, 'abort').length).toBeLessThan(5)
    expect(vi.getTimerCount()).toBeLessThan(5)
  })

  it('ends when told to, and lets go of the device', async () => {
    const { child, open, stop, ended, frames } = await run([], 'usb')
    open()
    stop.abort()
    await ended
    child().sound()
    expect(child().ending).toBe('stopped')
    expect(frames()).toBe(1)
  })
})
