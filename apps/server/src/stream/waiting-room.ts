import { isLoopback } from '../http/origin.ts'
import { createTally } from './tally.ts'

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
  const waiting = createTally()
  return {
    enter(address) {
      const isExempt = limits.isLoopbackExempt && isLoopback(address)
      if (waiting.total >= limits.max) return undefined
      if (waiting.of(address) >= limits.maxPerAddress && !isExempt) return undefined
      return { leave: waiting.add(address) }
    },
  }
}
