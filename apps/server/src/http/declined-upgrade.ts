import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Connections that have come back once. */
const declined = new WeakSet<Duplex>()

/**
 * Serves a request whose offer to change the protocol (`Upgrade: h2c`, say) is declined, as RFC
 * 9110, 7.8 wants it: as plain HTTP. Node 20 takes every such request out of HTTP before it has
 * read the body, so the request goes back into the socket without the offer, and the socket back
 * to the server. A second offer on one connection is its last request: each return leaves the
 * listeners of another HTTP parser on the socket, and starts its count of requests anew.
 * @param req with all its headers: without one that tells the body's length, the body would be
 * taken for the next request
 */
export function declineUpgrade(
  server: Server,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] ?? ''
    const value = req.rawHeaders[i + 1] ?? ''
    if (/^(upgrade|http2-settings)$/i.test(name)) continue
    const isConnection = name.toLowerCase() === 'connection'
    if (!isConnection) lines.push(`${name}: ${value}`)
    else lines.push(`${name}: ${declined.has(socket) ? 'close' : withoutUpgrade(value)}`)
  }
  const request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  declined.add(socket)
  socket.unshift(Buffer.concat([request, head]))
  server.emit('connection', socket)
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim())
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(', ')
}
