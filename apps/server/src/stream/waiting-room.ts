/**
 * Bounds the sockets that have connected but not authenticated, in all and per address, so that
 * nobody can fill the process with silent connections.
 */
export interface WaitingRoom {
  /** A seat, to be left exactly when the socket authenticates or goes; undefined when full. */
  enter(ip: string): { readonly leave: () => void } | undefined
}

/**
 * Addresses of this machine are bound by the total only: behind a reverse proxy that runs here,
 * every client has one of them.
 */
export function createWaitingRoom(maxTotal: number, maxPerIp: number): WaitingRoom {
  const perIp = new Map<string, number>()
  let total = 0
  return {
    enter(ip) {
      const waiting = perIp.get(ip) ?? 0
      if (total >= maxTotal || (waiting >= maxPerIp && !isLoopback(ip))) return undefined
      total += 1
      perIp.set(ip, waiting + 1)
      let seated = true
      return {
        leave() {
          if (!seated) return
          seated = false
          total -= 1
          const left = (perIp.get(ip) ?? 1) - 1
          if (left === 0) perIp.delete(ip)
          else perIp.set(ip, left)
        },
      }
    },
  }
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.')
}
