import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CutterFault, TcpCutter } from './tcp-cutter.ts'
import { startTcpCutter } from './tcp-cutter.ts'

const WAIT = { timeout: 20_000, interval: 10 }

/**
 * A peer of the cutter: what it has heard, and how its connection ended. Node sends a FIN ahead of
 * an RST, so that one end may see either.
 */
function listenTo(socket: Socket) {
  const peer = { socket, heard: '', ended: undefined as 'end' | 'reset' | undefined }
  socket.on('data', (data) => (peer.heard += data.toString('latin1')))
  socket.on('end', () => (peer.ended = 'end'))
  socket.on('error', () => (peer.ended = 'reset'))
  return peer
}
type Peer = ReturnType<typeof listenTo>

async function startTarget() {
  const accepted: Peer[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(listenTo(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    accepted,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const { socket } of accepted) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the TCP cutter', { timeout: 60_000 }, () => {
  let target: Awaited<ReturnType<typeof startTarget>>
  let cutter: TcpCutter
  const clients: Socket[] = []
  beforeEach(async () => {
    target = await startTarget()
    cutter = await startTcpCutter({ port: target.port })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await cutter[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  })

  function dial(): Peer {
    const socket = connect({ port: cutter.port, host: '127.0.0.1', allowHalfOpen: true })
    clients.push(socket)
    return listenTo(socket)
  }

  /** Two ends that have heard from each other. */
  async function pair() {
    const client = dial()
    const place = target.accepted.length
    client.socket.write('hello')
    await expect.poll(() => target.accepted[place]?.heard, WAIT).toBe('hello')
    const server = target.accepted[place] as Peer
    server.socket.write('welcome')
    await expect.poll(() => client.heard, WAIT).toBe('welcome')
    return { client, server }
  }

  it('passes bytes, and their end, both ways', async () => {
    const { client, server } = await pair()
    client.socket.end('bye')
    await expect.poll(() => server.ended, WAIT).toBe('end')
    expect(server.heard).toBe('hellobye')
    server.socket.end('last words')
    await expect.poll(() => client.ended, WAIT).toBe('end')
    expect(client.heard).toBe('welcomelast words')
    expect(cutter.links).toMatchObject([{ head: 'hellobye', bytesUp: 8, bytesDown: 17 }])
  })

  it('passes a megabyte whole to a peer that reads late', async () => {
    const { client, server } = await pair()
    server.socket.pause()
    client.socket.write(Buffer.alloc(1 << 20, 'x'))
    await expect.poll(() => cutter.links[0]?.bytesUp, WAIT).toBeGreaterThan(5)
    server.socket.resume()
    await expect.poll(() => server.heard.length, WAIT).toBe(5 + (1 << 20))
  })

  it('passes a reset on', async () => {
    const { client, server } = await pair()
    server.socket.resetAndDestroy()
    await expect.poll(() => client.ended, WAIT).toBeDefined()
  })

  it('resets the client of a target that is not there', async () => {
    await target[Symbol.asyncDispose]()
    const client = dial()
    await expect.poll(() => client.ended, WAIT).toBeDefined()
  })

  it.each(['reset', 'end'] as const)('on %s, both ends see the end', async (action) => {
    const { client, server } = await pair()
    expect(cutter.strike({ action })).toBe(1)
    await expect.poll(() => client.ended && server.ended, WAIT).toBeDefined()
  })

  it('leaves both ends open and deaf when half-open, also where one goes away', async () => {
    const { client, server } = await pair()
    cutter.strike({ action: 'half-open' })
    client.socket.write('lost')
    server.socket.write('lost')
    client.socket.resetAndDestroy()
    const other = await pair()
    expect(other.client.heard).toBe('welcome')
    expect(server).toMatchObject({ heard: 'hello', ended: undefined })
    expect(client.heard).toBe('welcome')
  })

  it('swallows one direction only, where asked', async () => {
    const { client, server } = await pair()
    cutter.strike({ action: 'half-open', direction: 'down' })
    server.socket.write('lost')
    client.socket.write(' again')
    await expect.poll(() => server.heard, WAIT).toBe('hello again')
    expect(client.heard).toBe('welcome')
  })

  it('loses nothing over a stall', async () => {
    const { client, server } = await pair()
    const stalledAtMs = performance.now()
    cutter.strike({ action: 'stall', durationMs: 300 })
    client.socket.write(' there')
    server.socket.write(' back')
    await expect
      .poll(() => [server.heard, client.heard], WAIT)
      .toEqual(['hello there', 'welcome back'])
    expect(performance.now() - stalledAtMs).toBeGreaterThanOrEqual(300)
  })

  it('delays, and keeps the order', async () => {
    const { client, server } = await pair()
    const delayedAtMs = performance.now()
    cutter.strike({ action: 'delay', delayMs: 200, direction: 'up' })
    for (const piece of ['1', '2', '3']) client.socket.write(piece)
    client.socket.end()
    await expect.poll(() => server.ended, WAIT).toBe('end')
    expect(server.heard).toBe('hello123')
    expect(performance.now() - delayedAtMs).toBeGreaterThanOrEqual(200)
  })

  it('cuts after the very byte', async () => {
    const { client, server } = await pair()
    cutter.strike({ action: 'cut', afterBytes: 7, direction: 'up' })
    client.socket.write('four')
    client.socket.write('more than that')
    await expect.poll(() => client.ended && server.ended, WAIT).toBeDefined()
    expect(server.heard).toBe('hellofourmor')
  })

  it('does to the next connection what waits for it, once', async () => {
    const first: CutterFault = { action: 'answer', text: 'HTTP/1.1 503 Busy\r\n\r\n' }
    cutter.strikeNext(first)
    cutter.strikeNext({ action: 'reset' })
    const refused = dial()
    refused.socket.write('GET / HTTP/1.1\r\n\r\n')
    await expect.poll(() => refused.ended, WAIT).toBe('end')
    expect(refused.heard).toBe(first.text)
    const reset = dial()
    await expect.poll(() => reset.ended, WAIT).toBeDefined()
    await pair()
  })

  it('hits only what is picked', async () => {
    const one = await pair()
    const other = await pair()
    one.client.socket.write(' one')
    await expect.poll(() => one.server.heard, WAIT).toBe('hello one')
    expect(cutter.strike({ action: 'reset' }, ({ head }) => head.includes('one'))).toBe(1)
    await expect.poll(() => one.client.ended, WAIT).toBeDefined()
    expect(other.client.ended).toBeUndefined()
  })

  it('refuses new connections, or takes them elsewhere, and leaves open ones alone', async () => {
    const { client, server } = await pair()
    cutter.refuses = true
    const refused = dial()
    await expect.poll(() => refused.ended, WAIT).toBeDefined()
    cutter.refuses = false
    await using elsewhere = await startTarget()
    cutter.target = { port: elsewhere.port }
    dial().socket.write('moved')
    await expect.poll(() => elsewhere.accepted[0]?.heard, WAIT).toBe('moved')
    client.socket.write(' still')
    await expect.poll(() => server.heard, WAIT).toBe('hello still')
  })
})
