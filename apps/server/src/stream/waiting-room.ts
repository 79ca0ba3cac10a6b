import { isLoopback } from '../http/origin.ts'

/**
 * Bounds the sockets that have connected but not authenticated, in all and per address, so that
 * nobody can fill the process with silent connections.
 */
export interface WaitingRoom {
  /**
   * @param address of the client as http/client-address.ts groups it
   * @returns a seat, to be left exactly when the socket authenticates or goes; undefined when full
   */
  enter(address: string): { readonly leave: () => void } | undefined
}

/**
 * @param limits.isLoopbackExempt addresses of this machine are bound by the total only: behind a
 * proxy that runs here and that nobody has told us about, every client has one of them
 */
export function createWaitingRoom(limits: {
  readonly max: number
  readonly maxPerAddress: number
  readonly isLoopbackExempt: boolean
}): WaitingRoom {
  const perAddress = new Map<string, number>()
  let total = 0
  return {
    enter(address) {
      const waiting = perAddress.get(address) ?? 0
      const isExempt = limits.isLoopbackExempt && isLoopback(address)
      if (total >= limits.max || (waiting >= limits.maxPerAddress && !isExempt)) return undefined
      total += 1
      perAddress.set(address, waiting + 1)
      let seated = true
      return {
        leave() {
          if (!seated) return
          seated = false
          total -= 1
          const left = (perAddress.get(address) ?? 1) - 1
          if (left === 0) perAddress.delete(address)
          else perAddress.set(address, left)
        },
      }
    },
  }
}
