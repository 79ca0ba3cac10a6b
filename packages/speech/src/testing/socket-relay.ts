import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** A WebSocket proxy for faults that are messages: a TCP cutter knows nothing of these. */
export interface SocketRelay extends AsyncDisposable {
  readonly port: number
  /** Closes every connection, at both ends, with this code. */
  close(code: number): void
  /** Says this to every client, as if the server had said it. */
  say(message: string): void
}

interface Pair {
  readonly client: WebSocket
  readonly server: WebSocket
}

/** @param targetUrl `ws://host:port`; the path is the client's */
export async function startSocketRelay(targetUrl: string): Promise<SocketRelay> {
  const pairs = new Set<Pair>()
  // What a ping proves is that the other end lives, not that the relay does.
  const relay = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
  relay.on('connection', (client, request) => {
    const { authorization } = request.headers
    const server = new WebSocket(`${targetUrl}${request.url ?? ''}`, {
      autoPong: false,
      perMessageDeflate: false,
      headers: authorization === undefined ? {} : { authorization },
    })
    const pair = { client, server }
    pairs.add(pair)
    pass(client, server)
    pass(server, client)
    client.once('close', () => pairs.delete(pair))
  })
  await new Promise((resolve) => relay.once('listening', resolve))

  return {
    port: (relay.address() as AddressInfo).port,
    close(code) {
      for (const { client, server } of pairs) {
        client.close(code)
        server.terminate()
      }
    },
    say(message) {
      for (const { client } of pairs) client.send(message)
    },
    async [Symbol.asyncDispose]() {
      for (const { client, server } of pairs) {
        client.terminate()
        server.terminate()
      }
      await new Promise((resolve) => relay.close(resolve))
    },
  }
}

function pass(from: WebSocket, to: WebSocket): void {
  /** Said before the other end is open. */
  let early: (() => void)[] | undefined = to.readyState === WebSocket.OPEN ? undefined : []
  to.once('open', () => {
    for (const act of early ?? []) act()
    early = undefined
  })
  const inTurn = (act: () => void) => (early ? void early.push(act) : act())
  from.on('message', (data: Buffer, binary) => inTurn(() => to.send(data, { binary })))
  from.on('ping', (data: Buffer) => inTurn(() => to.ping(data)))
  from.on('pong', (data: Buffer) => inTurn(() => to.pong(data)))
  // ws throws what nobody listens to; `close` tells the rest.
  from.on('error', () => undefined)
  from.once('close', (code, reason) => {
    // 1005 and 1006 stand for the absence of a code.
    if (code === 1005 || code === 1006) to.terminate()
    else if (to.readyState === WebSocket.OPEN) to.close(code, reason)
  })
}
