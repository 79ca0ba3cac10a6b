import { createHash } from 'node:crypto'
import { tracked } from '@trpc/server'
import { z } from 'zod'
import { protectedProcedure, router } from '../api/trpc.ts'
import type { LiveAccount } from './live-account.ts'

const liveSessionSchema = z.object({
  session_id: z.string(),
  backend: z.string(),
  started_at: z.iso.datetime(),
  used_ms: z.int().nonnegative(),
  /** The app was cut off; the session waits for it to come back. */
  is_interrupted: z.boolean(),
})
/** Everything of the caller's that runs right now, on all server processes. */
const liveStateSchema = z.object({ sessions: z.array(liveSessionSchema) })
export type LiveState = z.infer<typeof liveStateSchema>

export const sessionsRouter = router({
  /**
   * The caller's live sessions: the whole state now, and again after every change (about once a
   * second while audio flows). A client that comes back with the id of the last state that it saw
   * gets the newest one, or waits for it.
   */
  onLive: protectedProcedure
    .input(z.object({ lastEventId: z.string().max(100).nullish() }).optional())
    .subscription(async function* ({ ctx, input, signal }) {
      let seenId = input?.lastEventId
      const ended = signal ?? new AbortController().signal
      for await (const account of ctx.liveFeed.watch(ctx.userId, ended)) {
        const state = toState(account)
        const id = idOf(state)
        if (id === seenId) continue
        seenId = id
        yield tracked(id, state)
      }
    }),
})

function toState({ sessions }: LiveAccount): LiveState {
  return liveStateSchema.parse({
    sessions: sessions.map(({ sessionId, backend, startedAt, usedMs, isInterrupted }) => ({
      session_id: sessionId,
      backend,
      started_at: startedAt.toISOString(),
      used_ms: usedMs,
      is_interrupted: isInterrupted,
    })),
  })
}

/** Made of the state alone, so that a client may come back to any server process. */
function idOf(state: LiveState): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 22)
}
