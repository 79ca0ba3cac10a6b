import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createTally } from '../stream/tally.ts'
import type { TrustProxy } from './client-address.ts'
import { createProxyTest, groupOf, normalise } from './client-address.ts'
import { isLoopback } from './origin.ts'

export interface ConnectionLimits {
  /** Open at once, of everybody, whatever they are for. */
  readonly max: number
  /** Of these, from one address; of IPv6, from one /64 network. */
  readonly maxPerAddress: number
}

/** A network whose people share an address may have many at once; one machine needs a few. */
export const defaultConnectionLimits: ConnectionLimits = { max: 5000, maxPerAddress: 200 }

/**
 * Cuts off whoever opens more connections, before a byte is read of them. A proxy's connections are
 * those of all its clients: it has to bound them itself. So may one on this machine that nobody has
 * told us about.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  trustProxy: TrustProxy,
): void {
  const isProxy = createProxyTest(trustProxy)
  const open = createTally()
  /** A connection that declines an upgrade is announced again. */
  const counted = new WeakSet<Socket>()
  server.maxConnections = limits.max
  server.on('connection', (socket: Socket) => {
    if (counted.has(socket)) return
    counted.add(socket)
    const peer = normalise(socket.remoteAddress ?? '')
    const address = groupOf(peer)
    const isExempt = trustProxy === undefined ? isLoopback(peer) : isProxy(peer)
    if (isExempt) return
    if (open.of(address) >= limits.maxPerAddress) return void socket.destroy()
    socket.once('close', open.add(address))
  })
}
