import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'

/**
 * Whose `X-Forwarded-…` headers are believed: how many proxies stand before this server, or their
 * addresses (CIDR, or `loopback`, `linklocal`, `uniquelocal`). Undefined: nobody's, because anybody
 * can send these headers.
 */
export type TrustProxy = number | readonly string[] | undefined

/** Where a request comes from. */
export interface ClientAddress {
  /** Canonical; an IPv4 address in IPv6 clothes is one of IPv4. */
  readonly ip: string
  /**
   * What limits are kept by: the address, or of IPv6 its /64 network, of which everybody has 2^64
   * addresses to choose from.
   */
  readonly group: string
  /** Whether the client speaks TLS, with a proxy that is trusted. */
  readonly isSecure: boolean
}

export type ReadClientAddress = (req: IncomingMessage) => ClientAddress

export function createClientAddressReader(trustProxy: TrustProxy): ReadClientAddress {
  const isTrusted = compileTrust(trustProxy)
  return (req) => {
    const peer = req.socket.remoteAddress ?? ''
    const claimed = proxyAddr(req, isTrusted)
    // A proxy may forward nonsense that a client sent it; the proxy itself is then all we know.
    const ip = normalise(isIP(claimed) ? claimed : peer)
    const proto = isTrusted(peer, 0) ? req.headers['x-forwarded-proto'] : undefined
    const isSecure = String(proto).split(',', 1)[0]?.trim().toLowerCase() === 'https'
    return { ip, group: groupOf(ip), isSecure }
  }
}

/** @returns whether the peer that is `distance` hops away is one of our proxies */
function compileTrust(trustProxy: TrustProxy): (address: string, distance: number) => boolean {
  if (trustProxy === undefined) return () => false
  if (typeof trustProxy === 'number') return (_, distance) => distance < trustProxy
  return proxyAddr.compile([...trustProxy])
}

/** @returns whether a peer of this server is one of its proxies */
export function createProxyTest(trustProxy: TrustProxy): (peer: string) => boolean {
  const isTrusted = compileTrust(trustProxy)
  return (peer) => isTrusted(peer, 0)
}

/** An IPv4 address in IPv6 clothes is one of IPv4. */
export function normalise(ip: string): string {
  return ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : ip
}

/** What limits are kept by: see ClientAddress. */
export function groupOf(ip: string): string {
  if (!ipaddr.IPv6.isValid(ip) || ip === '::1') return ip
  const network = ipaddr.IPv6.parse(ip).parts.slice(0, 4)
  return `${network.map((part) => part.toString(16)).join(':')}::/64`
}
