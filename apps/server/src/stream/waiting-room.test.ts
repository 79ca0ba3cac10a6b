import { expect, test } from 'vitest'
import { createWaitingRoom } from './waiting-room.ts'

const limits = { max: 5, maxPerAddress: 2, isLoopbackExempt: true }
const fill = (room: ReturnType<typeof createWaitingRoom>, address: string, count: number) =>
  Array.from({ length: count }, () => room.enter(address)).filter((seat) => seat !== undefined)

test('an address has its own bound, and all together have theirs', () => {
  const room = createWaitingRoom(limits)
  expect(fill(room, '203.0.113.1', 9)).toHaveLength(2)
  expect(fill(room, '203.0.113.2', 9)).toHaveLength(2)
  expect(fill(room, '203.0.113.3', 9)).toHaveLength(1)
})

test('a seat is free again once it is left, and leaving twice leaves once', () => {
  const room = createWaitingRoom(limits)
  const [first] = fill(room, '203.0.113.1', 2)
  first?.leave()
  first?.leave()
  expect(fill(room, '203.0.113.1', 9)).toHaveLength(1)
})

test.each(['127.0.0.1', '::1'])(
  '%s has no bound of its own, unless proxies tell who is behind it',
  (address) => {
    expect(fill(createWaitingRoom(limits), address, 9)).toHaveLength(5)
    const told = createWaitingRoom({ ...limits, isLoopbackExempt: false })
    expect(fill(told, address, 9)).toHaveLength(2)
  },
)
