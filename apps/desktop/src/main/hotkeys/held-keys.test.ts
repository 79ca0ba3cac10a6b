import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createHeldKeys } from './held-keys.ts'

const CTRL = 29
const SPACE = 57
const W = 17

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watchHotkey(keys: ReturnType<typeof createHeldKeys>) {
  const released = vi.fn<(how: 'seen' | 'blind') => void>()
  keys.watch(released)
  return released
}

it('is held until its key goes up, whatever other keys do meanwhile', () => {
  const keys = createHeldKeys()
  keys.down(W)
  keys.down(CTRL)
  keys.down(SPACE)
  const released = watchHotkey(keys)
  keys.up(W)
  vi.advanceTimersByTime(5000)
  expect(released).not.toHaveBeenCalled()
  keys.up(SPACE)
  vi.advanceTimersByTime(50)
  expect(released.mock.calls).toEqual([['seen']])
})

it('is over, too, when its modifier goes up first', () => {
  const keys = createHeldKeys()
  keys.down(CTRL)
  keys.down(SPACE)
  const released = watchHotkey(keys)
  keys.up(CTRL)
  vi.advanceTimersByTime(50)
  expect(released.mock.calls).toEqual([['seen']])
})

it('outlasts the ups and downs that some systems repeat a held key by', () => {
  const keys = createHeldKeys()
  keys.down(SPACE)
  const released = watchHotkey(keys)
  for (let repeat = 0; repeat < 20; repeat++) {
    keys.up(SPACE)
    vi.advanceTimersByTime(5)
    keys.down(SPACE)
    vi.advanceTimersByTime(30)
  }
  expect(released).not.toHaveBeenCalled()
})

it('ends at once where the key was let go before anybody watched', () => {
  const keys = createHeldKeys()
  keys.down(SPACE)
  keys.up(SPACE)
  vi.advanceTimersByTime(50)
  const released = watchHotkey(keys)
  vi.advanceTimersByTime(300)
  expect(released.mock.calls).toEqual([['seen']])
})

it('waits for a key-down that comes after its hotkey', () => {
  const keys = createHeldKeys()
  const released = watchHotkey(keys)
  vi.advanceTimersByTime(100)
  keys.down(SPACE)
  vi.advanceTimersByTime(5000)
  expect(released).not.toHaveBeenCalled()
  keys.up(SPACE)
  vi.advanceTimersByTime(50)
  expect(released.mock.calls).toEqual([['seen']])
})

it('never leaves the microphone open where keys cannot be seen', () => {
  const keys = createHeldKeys()
  const released = watchHotkey(keys)
  vi.advanceTimersByTime(300)
  expect(released.mock.calls).toEqual([['blind']])
})
