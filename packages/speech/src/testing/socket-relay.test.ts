import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startSocketRelay } from './socket-relay.ts'

it('passes messages, pings and closes, and adds its own on demand', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using relay = await startSocketRelay(`ws://127.0.0.1:${port}`)
  const accepted = once(server, 'connection') as Promise<[WebSocket, { url: string }]>
  const client = new WebSocket(`ws://127.0.0.1:${relay.port}/path?query`)
  const heard: string[] = []
  client.on('message', (data: Buffer) => heard.push(data.toString()))
  await once(client, 'open')
  client.send('early')
  const [peer, { url }] = await accepted
  expect(url).toBe('/path?query')
  const [early] = (await once(peer, 'message')) as [Buffer]
  expect(early.toString()).toBe('early')

  peer.send('from the server')
  await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['from the server'])
  relay.say('{"from":"nobody"}')
  await expect.poll(() => heard, { timeout: 20_000 }).toContain('{"from":"nobody"}')
  client.ping('alive?')
  const [pong] = (await once(client, 'pong')) as [Buffer]
  expect(pong.toString()).toBe('alive?')

  const lost = once(peer, 'close')
  relay.close(1011)
  const [code] = (await once(client, 'close')) as [number]
  expect(code).toBe(1011)
  await lost
  server.close()
})
