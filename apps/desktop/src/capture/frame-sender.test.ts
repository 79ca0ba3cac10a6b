import { describe, expect, it } from 'vitest'
import type { CaptureMessage } from './capture-messages.ts'
import { createFrameSender } from './frame-sender.ts'

const frame = () => new Uint8Array(640)

/** An owner that reads when told to. */
function slowOwner() {
  const posted: CaptureMessage[] = []
  const unread: (() => void)[] = []
  const sender = createFrameSender((message, sent) => {
    posted.push(message)
    if (sent) unread.push(sent)
  })
  const readAll = () => {
    while (unread.length > 0) unread.shift()?.()
  }
  return { sender, posted, readAll }
}

describe('the frame sender', () => {
  it('can take back all but two frames, however slow the owner reads', () => {
    const { sender, posted, readAll } = slowOwner()
    for (let i = 0; i < 100; i++) sender.send(frame())
    expect(sender.takeBack()).toBe(98 * 640)
    readAll()
    expect(posted).toHaveLength(2)
    expect(sender.sentBytes).toBe(2 * 640)
  })

  it('bounds what waits, and says where and how much it dropped', () => {
    const { sender, posted, readAll } = slowOwner()
    for (let i = 0; i < 302; i++) sender.send(frame())
    readAll()
    sender.send(frame())
    readAll()
    const types = posted.map((message) => message.type)
    expect(types.indexOf('gap')).toBe(252)
    expect(posted[252]).toEqual({ type: 'gap', durationMs: 1000 })
    expect(posted).toHaveLength(254)
  })
})
