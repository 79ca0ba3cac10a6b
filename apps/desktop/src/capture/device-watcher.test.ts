import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CaptureDevice, DeviceList } from './capture-messages.ts'
import { createDeviceWatcher } from './device-watcher.ts'
import { createFakeCapture } from './testing/fake-capture-child.ts'

const device = (name: string, isDefault = false): CaptureDevice => ({
  index: 0,
  name,
  hostApi: 'Core Audio',
  channels: 1,
  isDefault,
})

const list = (names: readonly string[], cpuMs = 1): DeviceList => ({
  type: 'devices',
  devices: names.map((name, index) => device(name, index === 0)),
  plugged: [],
  cpuMs,
})

function watch() {
  vi.useFakeTimers()
  const { start, children } = createFakeCapture()
  const watcher = createDeviceWatcher({ start })
  onTestFinished(() => {
    watcher.close()
    vi.useRealTimers()
  })
  const lister = () => children.at(-1) as NonNullable<(typeof children)[0]>
  return { watcher, children, lister }
}

describe('the device watcher', () => {
  it('asks again a second after each answer', () => {
    const { lister } = watch()
    lister().say(list(['a']))
    vi.advanceTimersByTime(999)
    expect(lister().posted).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(lister().posted).toEqual([
      { do: 'list', force: true },
      { do: 'list', force: false },
    ])
  })

  it.each([
    { attended: true, everyMs: 1500 },
    { attended: false, everyMs: 8000 },
  ])('asks a slow system every $everyMs ms (attended: $attended)', ({ attended, everyMs }) => {
    const { watcher, lister } = watch()
    lister().say(list(['a']))
    const release = watcher.attend()
    if (!attended) release()
    lister().say(list(['a'], 80))
    const asked = lister().posted.length
    vi.advanceTimersByTime(everyMs - 1)
    expect(lister().posted).toHaveLength(asked)
    vi.advanceTimersByTime(1)
    expect(lister().posted).toHaveLength(asked + 1)
  })

  it('looks at once on a hint, and once more for a hint that comes while it looks', async () => {
    const { watcher, lister } = watch()
    lister().say(list(['a']))
    watcher.hint()
    expect(lister().posted).toHaveLength(2)
    const refreshed = watcher.refresh()
    lister().say(list(['a']))
    expect(lister().posted).toHaveLength(3)
    lister().say(list(['a', 'b']))
    expect(await refreshed).toMatchObject([{ name: 'a' }, { name: 'b' }])
  })

  it.each(['crashes', 'hangs'])('starts another lister when one %s, and tells no change', (how) => {
    const { watcher, children, lister } = watch()
    lister().say(list(['a', 'b']))
    const told: string[] = []
    watcher.subscribe(({ type }) => told.push(type))
    if (how === 'crashes') lister().exit()
    else vi.advanceTimersByTime(1000 + 5000)
    vi.advanceTimersByTime(250)
    expect(children).toHaveLength(2)
    if (how === 'hangs') expect(children[0]?.ending).toBe('stopped')
    lister().say(list(['a', 'b']))
    expect(told).toEqual([])
    expect(watcher.devices).toHaveLength(2)
  })

  it('keeps nobody waiting for a lister that is gone, and says why', async () => {
    const { watcher, lister } = watch()
    const refreshed = watcher.refresh()
    const sentence = 'The microphone driver is not built.'
    lister().say({ type: 'failed', code: 'capture_unavailable', sentence })
    expect(await refreshed).toEqual([])
    expect(watcher.problem).toMatchObject({ code: 'capture_unavailable', message: sentence })
  })
})
