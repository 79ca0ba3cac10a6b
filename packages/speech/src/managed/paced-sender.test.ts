import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTokenBucket } from '../token-bucket.ts'
import { createPacedSender } from './paced-sender.ts'

const frame = (ms: number) => new Uint8Array(ms * 32)

describe('the paced sender', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const create = (burstMs = 1000, maxRate = 2, underWayMaxMs = Infinity) => {
    const sent: { atMs: number; ms: number }[] = []
    const sender = createPacedSender(
      (bytes) => sent.push({ atMs: performance.now() - startMs, ms: bytes.byteLength / 32 }),
      {
        bucket: createTokenBucket(performance.now(), { burst: burstMs, perMs: maxRate }),
        underWayMaxMs,
        now: () => performance.now(),
      },
    )
    const startMs = performance.now()
    return { sender, sent }
  }

  it('passes live audio straight through', () => {
    const { sender, sent } = create()
    for (let i = 0; i < 500; i++) {
      sender.push(frame(40))
      expect(sender.queuedBytes).toBe(0)
      vi.advanceTimersByTime(40)
    }
    expect(sent).toHaveLength(500)
  })

  it('never exceeds the burst plus the rate, loses nothing and keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 80 }),
        async (sizes) => {
          const { sender, sent } = create()
          sizes.forEach((ms) => sender.push(frame(ms)))
          let isAllSent = false
          sender.afterThis(() => (isAllSent = true))
          await vi.advanceTimersByTimeAsync(20_000)
          expect(isAllSent).toBe(true)
          expect(sent.map(({ ms }) => ms)).toEqual(sizes)
          let totalMs = 0
          for (const { atMs, ms } of sent) {
            totalMs += ms
            expect(totalMs).toBeLessThanOrEqual(1000 + 2 * atMs + 1e-6)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('has no more under way than may arrive at once, however long the network stalls', async () => {
    const { sender, sent } = create(1000, 2, 400)
    for (let i = 0; i < 50; i++) {
      sender.push(frame(40))
      await vi.advanceTimersByTimeAsync(40)
    }
    expect(sent).toHaveLength(10)
    sender.arrived(360)
    await vi.advanceTimersByTimeAsync(100)
    expect(sent).toHaveLength(19)
    sender.arrived(2000)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent).toHaveLength(50)
  })

  it('lets what belongs between two frames pass between them, also while more is pushed', async () => {
    const { sender, sent } = create(100)
    const sentBefore: number[] = []
    for (let i = 0; i < 20; i++) {
      sender.push(frame(50))
      if (i % 5 === 0) sender.afterThis(() => sentBefore.push(sent.length))
    }
    await vi.advanceTimersByTimeAsync(5000)
    expect(sentBefore).toEqual([1, 6, 11, 16])
  })

  it('drops what is queued when it is stopped, and whoever waits goes on', async () => {
    const { sender, sent } = create(100)
    for (let i = 0; i < 10; i++) sender.push(frame(50))
    let goesOn = false
    sender.afterThis(() => (goesOn = true))
    expect(goesOn).toBe(false)
    sender.stop()
    expect(goesOn).toBe(true)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent).toHaveLength(2)
    expect(sender.queuedBytes).toBe(0)
  })
})
