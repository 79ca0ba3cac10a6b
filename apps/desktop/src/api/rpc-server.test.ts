import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { HostError } from './host-error.ts'
import type { Watchable } from './newest-value.ts'
import { newestValue } from './newest-value.ts'
import type { HostMessage } from './rpc-messages.ts'
import { CALLS_MAX } from './rpc-messages.ts'
import { serveRpc } from './rpc-server.ts'
import { procedure, router } from './trpc.ts'

function createCounter() {
  const listeners = new Set<(value: number) => void>()
  let value = 0
  const counter: Watchable<number> = {
    get: () => value,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const set = (next: number) => {
    value = next
    for (const listener of listeners) listener(next)
  }
  return { counter, set, listeners }
}

const { counter, set, listeners } = createCounter()
let atWork = 0
const finishers: (() => void)[] = []
const testRouter = router({
  echo: procedure.input(z.object({ text: z.string() })).query(({ input }) => input.text),
  nothing: procedure.mutation(() => undefined),
  refuse: procedure.mutation(() => {
    throw new HostError('not_possible', 'Choose a microphone first.')
  }),
  fault: procedure.query(() => {
    throw new TypeError('secret detail')
  }),
  work: procedure.mutation(async () => {
    atWork++
    await new Promise<void>((resolve) => finishers.push(resolve))
    setImmediate(() => atWork--)
  }),
  onCount: procedure.subscription(async function* ({ signal }) {
    yield* newestValue(counter, 5, signal ?? new AbortController().signal)
  }),
  onThree: procedure.subscription(async function* () {
    yield 1
    yield 2
    yield 3
  }),
})

interface Channel {
  readonly said: HostMessage[]
  send(message: unknown): void
  close(): Promise<void>
}

const faults: string[] = []
const onFault = (path: string) => faults.push(path)

async function inMemory(): Promise<Channel> {
  const said: HostMessage[] = []
  const rpc = serveRpc(testRouter, (message) => said.push(message), { onFault })
  return { said, send: rpc.receive, close: async () => rpc.close() }
}

async function overWebSocket(): Promise<Channel> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (ws) => {
    const rpc = serveRpc(testRouter, (message) => ws.send(JSON.stringify(message)), { onFault })
    ws.on('message', (data: Buffer) => rpc.receive(JSON.parse(data.toString())))
    ws.on('close', rpc.close)
  })
  await once(server, 'listening')
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const said: HostMessage[] = []
  ws.on('message', (data: Buffer) => said.push(JSON.parse(data.toString())))
  await once(ws, 'open')
  return {
    said,
    send: (message) => ws.send(JSON.stringify(message)),
    async close() {
      ws.terminate()
      await vi.waitFor(() => expect(listeners.size).toBe(0), { timeout: 10_000 })
      server.close()
    },
  }
}

const SOON = { timeout: 10_000 }

describe.each([
  ['in memory', inMemory],
  ['over a WebSocket', overWebSocket],
])('the calls of a window %s', (_where, open) => {
  let channel: Channel
  const call = async (id: number, type: string, path: string, input?: unknown) => {
    channel.send({ id, type, path, input })
    await vi.waitFor(() => expect(of(id).length).toBeGreaterThan(0), SOON)
    return of(id)[0]
  }
  const of = (id: number) => channel.said.filter((message) => message.id === id)
  afterEach(async () => {
    await channel.close()
    set(0)
    faults.length = 0
  })

  it('are answered by their number, an answer without a value with null', async () => {
    channel = await open()
    expect(await call(1, 'query', 'echo', { text: 'a' })).toEqual({
      id: 1,
      type: 'data',
      data: 'a',
    })
    expect(await call(2, 'mutation', 'nothing')).toEqual({ id: 2, type: 'data', data: null })
  })

  it.each([
    ['what is not input', 'query', 'echo', { text: 1 }, 'bad_input'],
    ['a path that is not there', 'query', 'nobody.home', {}, 'unknown_call'],
    ['a path out of the prototype', 'query', 'constructor', {}, 'unknown_call'],
    ['a query of a mutation', 'query', 'nothing', {}, 'unknown_call'],
    ['a type that is none', 'delete', 'echo', {}, 'bad_message'],
    ['too much input', 'query', 'echo', { text: 'x'.repeat(17e6) }, 'bad_input'],
  ])('answer %s with an error, and go on', async (_what, type, path, input, code) => {
    channel = await open()
    expect(await call(1, type, path, input)).toMatchObject({ type: 'error', error: { code } })
    expect(await call(2, 'query', 'echo', { text: 'a' })).toMatchObject({ data: 'a' })
    expect(faults).toEqual([])
  })

  it('tell our own sentences, and nothing of a fault', async () => {
    channel = await open()
    const refused = { code: 'not_possible', message: 'Choose a microphone first.' }
    expect(await call(1, 'mutation', 'refuse')).toEqual({ id: 1, type: 'error', error: refused })
    const fault = await call(2, 'query', 'fault')
    expect(fault).toMatchObject({ type: 'error', error: { code: 'internal' } })
    expect(JSON.stringify(fault)).not.toContain('secret')
    expect(faults).toEqual(['fault'])
  })

  it('subscribe until the values end', async () => {
    channel = await open()
    await call(1, 'subscription', 'onThree')
    await vi.waitFor(() => expect(of(1).at(-1)).toEqual({ id: 1, type: 'end' }), SOON)
    expect(of(1).map((message) => 'data' in message && message.data)).toEqual([1, 2, 3, false])
  })

  it('get only the newest of values that come too fast, and none after stop', async () => {
    channel = await open()
    expect(await call(1, 'subscription', 'onCount')).toMatchObject({ data: 0 })
    for (let value = 1; value <= 1000; value++) set(value)
    await vi.waitFor(() => expect(of(1).at(-1)).toMatchObject({ data: 1000 }), SOON)
    expect(of(1).length).toBeLessThan(5)
    channel.send({ id: 1, type: 'stop' })
    await vi.waitFor(() => expect(listeners.size).toBe(0), SOON)
    const before = of(1).length
    set(1001)
    await call(2, 'query', 'echo', { text: 'a' })
    expect(of(1)).toHaveLength(before)
  })

  it('are bounded in number, and free their place when they end', async () => {
    channel = await open()
    for (let id = 0; id < CALLS_MAX; id++)
      channel.send({ id, type: 'subscription', path: 'onCount' })
    expect(await call(900, 'query', 'echo', { text: 'a' })).toMatchObject({
      error: { code: 'busy' },
    })
    channel.send({ id: 0, type: 'stop' })
    expect(await call(901, 'query', 'echo', { text: 'a' })).toMatchObject({ data: 'a' })
  })

  it('keep their place while they are at work, though the window forgets them', async () => {
    channel = await open()
    atWork = 0
    for (let id = 0; id < CALLS_MAX; id++) {
      channel.send({ id, type: 'mutation', path: 'work' })
      channel.send({ id, type: 'stop' })
    }
    expect(await call(900, 'mutation', 'work')).toMatchObject({ error: { code: 'busy' } })
    expect(atWork).toBe(CALLS_MAX)
    for (const finish of finishers.splice(0)) finish()
    await vi.waitFor(() => expect(atWork).toBe(0), SOON)
    expect(await call(901, 'query', 'echo', { text: 'a' })).toMatchObject({ data: 'a' })
  })

  it('survive what is no message at all', async () => {
    channel = await open()
    for (const junk of [null, 7, 'text', [], {}, { id: 'x' }, { id: 1.5, type: 'query' }]) {
      channel.send(junk)
    }
    expect(await call(2, 'query', 'echo', { text: 'a' })).toMatchObject({ data: 'a' })
  })
})
