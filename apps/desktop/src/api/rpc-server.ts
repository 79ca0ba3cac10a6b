import type { AnyTRPCRouter } from '@trpc/server'
import { callTRPCProcedure, isTrackedEnvelope } from '@trpc/server'
import { toRpcError } from './rpc-error.ts'
import type { ClientMessage, HostMessage } from './rpc-messages.ts'
import { CALLS_MAX, clientMessageSchema } from './rpc-messages.ts'

/** JSON characters of one message. Fonts are the largest thing that a window hands over. */
const MESSAGE_CHARS_MAX = 16 * 1024 * 1024

export interface RpcServer {
  /** Takes whatever came over the channel; what is not a message of ours is answered or dropped. */
  receive(message: unknown): void
  /** The other side is gone: ends every call. */
  close(): void
}

export interface RpcServerOptions {
  /** Told of faults of our own, never of what users do wrong. */
  readonly onFault?: (path: string, error: unknown) => void
}

/**
 * Serves a tRPC router over any channel that carries objects both ways in order. Its one client is
 * a window of this app: the sender must be checked before a message comes here.
 */
export function serveRpc(
  router: AnyTRPCRouter,
  send: (message: HostMessage) => void,
  options: RpcServerOptions = {},
): RpcServer {
  const calls = new Map<number, { readonly type: string; readonly abort: AbortController }>()
  let closed = false

  function say(message: HostMessage): void {
    if (!closed) send(message)
  }

  function refuse(id: number, code: string, message: string): void {
    say({ id, type: 'error', error: { code, message } })
  }

  async function call({ id, type, path, input }: Exclude<ClientMessage, { type: 'stop' }>) {
    if (calls.has(id)) return refuse(id, 'bad_message', 'The window used a number of a call twice.')
    if (calls.size >= CALLS_MAX) {
      return refuse(id, 'busy', 'Saywire is busy with this window’s other wishes; try again.')
    }
    const abort = new AbortController()
    const { signal } = abort
    const mine = { type, abort }
    calls.set(id, mine)
    try {
      const getRawInput = async () => input
      const procedure = { router, path, getRawInput, ctx: {}, type, signal, batchIndex: 0 }
      const answer: unknown = await callTRPCProcedure(procedure)
      if (type === 'subscription') await stream(id, answer as AsyncIterable<unknown>, signal)
      else if (!signal.aborted) say({ id, type: 'data', data: answer ?? null })
    } catch (error) {
      const told = toRpcError(error)
      if (told.code === 'internal') options.onFault?.(path, error)
      if (!signal.aborted) say({ id, type: 'error', error: told })
    } finally {
      if (calls.get(id) === mine) calls.delete(id)
    }
  }

  async function stream(id: number, values: AsyncIterable<unknown>, signal: AbortSignal) {
    for await (const value of values) {
      if (signal.aborted) return
      say({ id, type: 'data', data: isTrackedEnvelope(value) ? value[1] : value })
    }
    if (!signal.aborted) say({ id, type: 'end' })
  }

  return {
    receive(message) {
      if (closed) return
      const parsed = clientMessageSchema.safeParse(message)
      if (!parsed.success) {
        const id = (message as { id?: unknown } | null)?.id
        if (typeof id === 'number') refuse(id, 'bad_message', 'The window sent what is no call.')
        return
      }
      if (parsed.data.type === 'stop') {
        const stopped = calls.get(parsed.data.id)
        stopped?.abort.abort()
        // Any other call may still be at work: it is counted until it has ended.
        if (stopped?.type === 'subscription') calls.delete(parsed.data.id)
        return
      }
      if (charsOf(parsed.data.input) > MESSAGE_CHARS_MAX) {
        return refuse(parsed.data.id, 'bad_input', 'This is too large: the limit is 16 MB.')
      }
      void call(parsed.data)
    },
    close() {
      closed = true
      for (const { abort } of calls.values()) abort.abort()
      calls.clear()
    },
  }
}

/** As JSON; infinite for what JSON cannot hold. */
function charsOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
