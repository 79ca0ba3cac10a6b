import { z } from 'zod'

/** Calls that one channel may have open at a time, subscriptions included. */
export const CALLS_MAX = 64

const id = z.int().min(0)

/**
 * What a window says: JSON-safe objects, over Electron's IPC or, as text, over a WebSocket. An id
 * stands for one call until that call has ended.
 */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    id,
    type: z.enum(['query', 'mutation', 'subscription']),
    /** `session.start`. */
    path: z.string().min(1).max(100),
    /** Parsed by the procedure. */
    input: z.unknown().optional(),
  }),
  /** Ends a subscription, and forgets any other call. */
  z.strictObject({ id, type: z.literal('stop') }),
  /** Of a subscription: it took so many values in all. Where it never says so, few are sent. */
  z.strictObject({ id, type: z.literal('taken'), values: z.int().min(0) }),
])
export type ClientMessage = z.infer<typeof clientMessageSchema>

/** What the host answers. */
export type HostMessage =
  /** The answer of a query or mutation, after which the call is over; each value of a subscription. */
  | { readonly id: number; readonly type: 'data'; readonly data: unknown }
  /** The subscription is over. */
  | { readonly id: number; readonly type: 'end' }
  /** The call failed, and is over. */
  | { readonly id: number; readonly type: 'error'; readonly error: RpcError }

export interface RpcError {
  /** Stable, for programs. */
  readonly code: string
  /** One sentence for the user. */
  readonly message: string
}
