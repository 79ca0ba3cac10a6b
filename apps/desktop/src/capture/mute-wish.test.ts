import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMuteWish } from './mute-wish.ts'
import { createFakeCapture } from './testing/fake-capture-child.ts'

const AUDIO = { type: 'audio', pcm: new Uint8Array(640) } as const
const MUTED = { type: 'muted', durationMs: 20 }

function attached(muted = false) {
  const { start, children } = createFakeCapture()
  start({ do: 'capture', device: undefined, muted })
  const [child] = children
  if (!child) throw new Error('nothing was started')
  const wish = createMuteWish(muted)
  wish.attach(child)
  wish.admit(AUDIO)
  const confirm = (seq: number) =>
    wish.admit({ type: 'mute', muted: seq % 2 === 1, seq, audioBytes: 0 })
  return { wish, child, confirm, start, children }
}

describe('the wish to be muted', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('holds from the very moment: what was on its way becomes the time that it took', () => {
    const { wish, child } = attached()
    expect(wish.admit(AUDIO)).toBe(AUDIO)
    wish.set(true)
    expect(wish.admit(AUDIO)).toEqual(MUTED)
    expect(child.posted).toEqual([{ do: 'mute', muted: true, seq: 1 }])
  })

  it('lets nothing pass that was captured before the end of the mute was confirmed', () => {
    const { wish, confirm } = attached()
    wish.set(true)
    wish.set(false)
    expect(wish.admit(AUDIO)).toEqual(MUTED)
    confirm(1)
    expect(wish.admit(AUDIO)).toEqual(MUTED)
    confirm(2)
    expect(wish.admit(AUDIO)).toBe(AUDIO)
  })

  it('kills a process that sends on for 100 ms, and is fulfilled by the next, which is muted', async () => {
    const { wish, child, start, children } = attached()
    wish.set(true)
    let isConfirmed = false
    const confirmed = wish.confirmed().then(() => (isConfirmed = true))
    await vi.advanceTimersByTimeAsync(99)
    expect(child.ending).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(child.ending).toBe('killed')
    expect(isConfirmed).toBe(false)
    start({ do: 'capture', device: undefined, muted: wish.muted })
    expect(children[1]?.task).toMatchObject({ muted: true })
    wish.attach(children[1] ?? child)
    await confirmed
    expect(wish.admit(AUDIO)).toEqual(MUTED)
  })

  it('leaves a process alone that confirms, and one that is only starting', async () => {
    const { wish, child, confirm } = attached()
    wish.set(true)
    confirm(1)
    await wish.confirmed()
    const { start, children } = createFakeCapture()
    wish.attach(start({ do: 'capture', device: undefined, muted: true }))
    wish.set(false)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([child.ending, children[0]?.ending]).toEqual([undefined, undefined])
  })

  it('waits longer for sound than for silence: a busy computer must not cost what is said next', async () => {
    const { wish, child, confirm } = attached()
    wish.set(true)
    confirm(1)
    wish.set(false)
    await vi.advanceTimersByTimeAsync(1000)
    expect(child.ending).toBeUndefined()
    confirm(2)
    expect(wish.admit(AUDIO)).toBe(AUDIO)
  })

  it('is fulfilled at once where nothing is captured', async () => {
    const wish = createMuteWish(false)
    wish.set(true)
    await wish.confirmed()
    expect(wish.muted).toBe(true)
  })
})
