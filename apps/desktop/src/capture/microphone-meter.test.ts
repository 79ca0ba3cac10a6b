import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDeviceHolds } from './device-holds.ts'
import { createMicrophoneMeter } from './microphone-meter.ts'
import { createFakeCapture } from './testing/fake-capture-child.ts'

const LEVEL = { rmsDbfs: -20, peakDbfs: -9 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('shows levels, says what is wrong, and tries again until it is closed', async () => {
  const { start, children } = createFakeCapture()
  const told: unknown[] = []
  const meter = createMicrophoneMeter({
    device: 'usb',
    channel: 'left',
    holds: createDeviceHolds(start),
    onLevel: (level) => told.push(level),
    onProblem: (sentence) => told.push(sentence),
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(children[0]?.task).toEqual({ do: 'meter', device: 'usb', channel: 'left' })
  for (let i = 0; i < 300; i++) {
    children[0]?.say({ type: 'level', ...LEVEL })
    await vi.advanceTimersByTimeAsync(50)
  }
  expect(told).toEqual([undefined, ...Array.from({ length: 300 }, () => LEVEL)])

  const sentence = 'There is no microphone "usb".'
  children[0]?.say({ type: 'failed', code: 'no_microphone', sentence })
  await vi.advanceTimersByTimeAsync(1000)
  children[1]?.say({ type: 'level', ...LEVEL })
  expect(told.slice(-3)).toEqual([sentence, undefined, LEVEL])

  meter.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(children.map(({ ending }) => ending)).toEqual(['stopped', 'stopped'])
  expect(told).toHaveLength(304)
})

it('tries a microphone that another program holds less and less often', async () => {
  const { start, children } = createFakeCapture()
  const meter = createMicrophoneMeter({
    device: 'usb',
    channel: 'mix',
    holds: createDeviceHolds(start),
    onLevel: () => undefined,
    onProblem: () => undefined,
  })
  for (let seconds = 0; seconds < 120; seconds++) {
    await vi.advanceTimersByTimeAsync(1000)
    children.at(-1)?.say({ type: 'failed', code: 'no_microphone', sentence: 'It is in use.' })
  }
  expect(children.length).toBeGreaterThan(10)
  expect(children.length).toBeLessThan(20)
  meter.close()
})
