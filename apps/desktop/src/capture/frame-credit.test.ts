import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { CaptureMessage } from './capture-messages.ts'
import { createFrameCredit } from './frame-credit.ts'
import { createFrameSender } from './frame-sender.ts'

const FRAMES = 400

describe('frames on a channel without back-pressure', () => {
  it('stop a second ahead of an owner that takes none, and what does not fit is a stated gap', async () => {
    const { port1: child, port2: owner } = new MessageChannel()
    const toOwner = child.postMessage.bind(child)
    const toChild = owner.postMessage.bind(owner)
    const credit = createFrameCredit()
    child.on('message', (frames: number) => credit.taken(frames))
    let posted = 0
    const sender = createFrameSender((message, sent) => {
      if (message.type === 'audio') posted += 1
      toOwner(message)
      if (sent) credit.posted(sent)
    })
    const settle = async () => new Promise((resolve) => setTimeout(resolve, 20))
    for (let i = 0; i < FRAMES; i++) {
      sender.send(new Uint8Array(640))
      if (i % 50 === 0) await settle()
    }
    await settle()
    const before = posted
    expect(before).toBeGreaterThanOrEqual(50)
    expect(before).toBeLessThanOrEqual(52)

    let takenFrames = 0
    let gapMs = 0
    owner.on('message', (message: CaptureMessage) => {
      if (message.type === 'gap') gapMs += message.durationMs
      if (message.type === 'audio' && ++takenFrames % 10 === 0) toChild(takenFrames)
    })
    // Everything that was kept arrives once the owner reads, and the next frame brings the gap.
    await expect.poll(() => takenFrames, { timeout: 20_000 }).toBe(before + 250)
    sender.send(new Uint8Array(640))
    await expect.poll(() => takenFrames, { timeout: 20_000 }).toBe(before + 251)
    expect(gapMs).toBe((FRAMES - before - 250) * 20)
    child.close()
  })
})
