import type { AnyTRPCRouter } from '@trpc/server'
import { callTRPCProcedure, isTrackedEnvelope } from '@trpc/server'
import { toRpcError } from './rpc-error.ts'
import type { ClientMessage, HostMessage } from './rpc-messages.ts'
import { CALLS_MAX, clientMessageSchema } from './rpc-messages.ts'
import type { UntakenValues } from './untaken-values.ts'
import { createUntakenValues } from './untaken-values.ts'

/** JSON characters of one message. Fonts are the largest thing that a window hands over. */
const MESSAGE_CHARS_MAX = 16 * 1024 * 1024
/** A window that took nothing of what it was sent for so long hangs. */
const HUNG_AFTER_MS = 20_000
/** It is looked at so often in that time: a computer that wakes up is given time to wake up. */
const LOOKS = 4

export interface RpcServer {
  /** Takes whatever came over the channel; what is not a message of ours is answered or dropped. */
  receive(message: unknown): void
  /** The other side is gone: ends every call. */
  close(): void
}

export interface RpcServerOptions {
  /** Told of faults of our own, never of what users do wrong. */
  readonly onFault?: (path: string, error: unknown) => void
  /** The other side hangs; told again as long as it does. */
  readonly onHung?: () => void
  /** Default 20,000. */
  readonly hungAfterMs?: number
}

interface Call {
  readonly type: string
  readonly abort: AbortController
  readonly untaken: UntakenValues
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
  const { onHung, hungAfterMs = HUNG_AFTER_MS } = options
  const calls = new Map<number, Call>()
  let closed = false
  let looksInVain = 0
  const lookTimer = setInterval(look, hungAfterMs / LOOKS)
  lookTimer.unref()

  function look(): void {
    // Of each call, because each is asked what has moved since the last time.
    const stuck = [...calls.values()].filter(({ untaken }) => !untaken.hasMoved())
    looksInVain = stuck.length === 0 ? 0 : looksInVain + 1
    if (looksInVain < LOOKS) return
    looksInVain = 0
    onHung?.()
  }

  function say(message: HostMessage): void {
    if (!closed) send(message)
  }

  function refuse(id: number, code: string, message: string): void {
    say({ id, type: 'error', error: { code, message } })
  }

  async function call({
    id,
    type,
    path,
    input,
  }: Exclude<ClientMessage, { type: 'stop' | 'taken' }>) {
    if (calls.has(id)) return refuse(id, 'bad_message', 'The window used a number of a call twice.')
    if (calls.size >= CALLS_MAX) {
      return refuse(id, 'busy', 'Saywire is busy with this window’s other wishes; try again.')
    }
    const abort = new AbortController()
    const { signal } = abort
    const mine = { type, abort, untaken: createUntakenValues() }
    calls.set(id, mine)
    try {
      const getRawInput = async () => input
      const procedure = { router, path, getRawInput, ctx: {}, type, signal, batchIndex: 0 }
      const answer: unknown = await callTRPCProcedure(procedure)
      if (type === 'subscription') await stream(id, mine, answer as AsyncIterable<unknown>)
      else if (!signal.aborted) say({ id, type: 'data', data: answer ?? null })
    } catch (error) {
      const told = toRpcError(error)
      if (told.code === 'internal') options.onFault?.(path, error)
      if (!signal.aborted) say({ id, type: 'error', error: told })
    } finally {
      if (calls.get(id) === mine) calls.delete(id)
    }
  }

  /** What comes while the window is behind is up to the subscription: it is asked for no more. */
  async function stream(id: number, { abort, untaken }: Call, values: AsyncIterable<unknown>) {
    const { signal } = abort
    for await (const value of values) {
      if (signal.aborted) return
      say({ id, type: 'data', data: isTrackedEnvelope(value) ? value[1] : value })
      untaken.sent()
      await untaken.room(signal)
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
      if (parsed.data.type === 'taken') {
        return calls.get(parsed.data.id)?.untaken.taken(parsed.data.values)
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
      clearInterval(lookTimer)
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
