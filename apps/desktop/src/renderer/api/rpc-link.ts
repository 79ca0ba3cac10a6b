import type { Operation, OperationResultEnvelope, TRPCLink } from '@trpc/client'
import { TRPCClientError } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { DesktopRouter } from '../../api/router.ts'
import type { RpcChannel } from './rpc-channel.ts'
import { ShownError } from './shown-error.ts'

/** What the host sends. */
type HostMessage =
  | { readonly id: number; readonly type: 'data'; readonly data: unknown }
  | { readonly id: number; readonly type: 'end' }
  | {
      readonly id: number
      readonly type: 'error'
      readonly error: { readonly code: string; readonly message: string }
    }

/** The host hears so often what was taken, ms; to a window that does not say so it sends no more. */
const TAKEN_EVERY_MS = 200

interface Call {
  readonly operation: Operation
  /** Values of a subscription that came over the channel as it is open now. */
  taken: number
  /** The host will hear of them. */
  isTelling: boolean
  next(value: OperationResultEnvelope<unknown, TRPCClientError<DesktopRouter>>): void
  complete(): void
  error(error: TRPCClientError<DesktopRouter>): void
}

/**
 * Carries calls over a channel. Where the channel is lost, subscriptions are asked for anew when it
 * is back; queries and mutations fail with `unreachable`, since repeating them is the user's decision.
 */
export function rpcLink(channel: RpcChannel): TRPCLink<DesktopRouter> {
  const calls = new Map<number, Call>()
  let lastId = 0

  const ask = (id: number, { type, path, input }: Operation): void =>
    channel.send({ id, type, path, input })

  function fail(id: number, call: Call, code: string, message: string): void {
    calls.delete(id)
    call.error(TRPCClientError.from(new ShownError(code, message)))
  }

  function take(id: number, call: Call): void {
    call.taken += 1
    if (call.isTelling) return
    call.isTelling = true
    setTimeout(() => {
      call.isTelling = false
      if (!calls.has(id) || !channel.isOpen()) return
      channel.send({ id, type: 'taken', values: call.taken })
    }, TAKEN_EVERY_MS)
  }

  channel.onOpenChange((isOpen) => {
    for (const [id, call] of calls) {
      call.taken = 0
      if (call.operation.type === 'subscription') {
        if (isOpen) ask(id, call.operation)
      } else if (isOpen && !call.operation.context['isAsked']) {
        call.operation.context['isAsked'] = true
        ask(id, call.operation)
      } else if (!isOpen && call.operation.context['isAsked']) {
        fail(id, call, 'unreachable', 'Saywire did not answer. Try again.')
      }
    }
  })

  channel.onMessage((received) => {
    const message = received as HostMessage
    const call = calls.get(message.id)
    if (!call) return
    if (message.type === 'error') {
      fail(message.id, call, message.error.code, message.error.message)
      return
    }
    if (message.type === 'data' && call.operation.type === 'subscription') take(message.id, call)
    if (message.type === 'data') call.next({ result: { type: 'data', data: message.data } })
    if (message.type === 'end' || call.operation.type !== 'subscription') {
      calls.delete(message.id)
      call.complete()
    }
  })

  return () =>
    ({ op }) =>
      observable((observer) => {
        const id = ++lastId
        calls.set(id, { operation: op, taken: 0, isTelling: false, ...observer })
        if (channel.isOpen()) {
          op.context['isAsked'] = true
          ask(id, op)
        }
        return () => {
          const isRunning = calls.delete(id)
          if (isRunning && op.type === 'subscription' && channel.isOpen()) {
            channel.send({ id, type: 'stop' })
          }
        }
      })
}
