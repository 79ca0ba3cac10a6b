import type { ServerMessage } from '@saywire/protocol'
import { expect, test } from 'vitest'
import { ClientLink } from './client-link.ts'
import type { StreamSocket } from './stream-socket.ts'

/** A connection that remembers what it was given. */
function fakeSocket() {
  const sent: ServerMessage[] = []
  const pings = { sent: 0, answered: 0 }
  const send = (message: ServerMessage) => void sent.push(message)
  const socket = { send, sendText: (text: string) => send(JSON.parse(text)), pings }
  return { sent, pings, socket: socket as unknown as StreamSocket }
}

const ready = { type: 'ready', session_id: 's', resume_from_ms: 0, backend: 'fake' } as const
const said = (endMs: number, isFinal = true): ServerMessage => ({
  type: 'transcript',
  text: `${endMs}`,
  is_final: isFinal,
  confidence: 1,
  speech_final: false,
  start_ms: endMs - 100,
  end_ms: endMs,
  words: [],
})
const texts = (messages: readonly ServerMessage[]): string[] =>
  messages.flatMap((one) => (one.type === 'transcript' ? [one.text] : []))
const newLink = (keptMax = 10, keptMaxBytes = 10_000) => new ClientLink({ keptMax, keptMaxBytes })

test('what was sent before an answered ping is not sent again, what came after is', () => {
  const link = newLink()
  const [first, second] = [fakeSocket(), fakeSocket()]
  link.attach(first.socket, ready, undefined)
  link.send(said(100))
  first.pings.sent = 1
  link.send(said(200))
  first.pings.answered = 1
  link.update()
  expect(link.confirmedMs).toBe(100)
  link.detach()
  link.attach(second.socket, ready, undefined)
  expect(texts(second.sent)).toEqual(['200'])
  // An answer to a ping of this connection is needed now.
  second.pings.sent = 1
  second.pings.answered = 1
  link.update()
  expect(link.confirmedMs).toBe(200)
})

test('a client that names its horizon gets what ends behind it, in order, after ready', () => {
  const link = newLink()
  const [first, second] = [fakeSocket(), fakeSocket()]
  link.attach(first.socket, ready, undefined)
  for (const endMs of [100, 200, 300]) link.send(said(endMs))
  link.detach()
  link.send(said(400))
  link.attach(second.socket, ready, 150)
  expect(second.sent[0]).toBe(ready)
  expect(texts(second.sent)).toEqual(['200', '300', '400'])
})

test('of interims and warnings that came meanwhile, the newest is told, unless it is overtaken', () => {
  const link = newLink()
  const [first, second, third] = [fakeSocket(), fakeSocket(), fakeSocket()]
  link.attach(first.socket, ready, undefined)
  link.detach()
  link.send(said(100, false))
  link.send(said(150, false))
  for (const seconds of [300, 60]) link.send({ type: 'credits_low', seconds_remaining: seconds })
  link.send({ type: 'upstream_reconnecting' })
  link.attach(second.socket, ready, undefined)
  expect(second.sent.slice(1)).toEqual([
    said(150, false),
    { type: 'credits_low', seconds_remaining: 60 },
    { type: 'upstream_reconnecting' },
  ])
  link.detach()
  link.send(said(200, false))
  link.send({ type: 'upstream_recovered' })
  link.send(said(200))
  link.attach(third.socket, ready, undefined)
  expect(third.sent.slice(1)).toEqual([said(200)])
})

test('finals are kept up to their bound while the client is away, and it says when that is hit', () => {
  for (const link of [newLink(2), newLink(10, 2 * JSON.stringify(said(100)).length)]) {
    const first = fakeSocket()
    link.attach(first.socket, ready, undefined)
    // While it is there the oldest make room: it has been sent them.
    for (const endMs of [100, 200, 300]) link.send(said(endMs))
    expect(link.overflowed).toBe(false)
    link.detach()
    link.send(said(400))
    expect(link.overflowed).toBe(true)
  }
})
