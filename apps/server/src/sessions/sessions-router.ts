import { tracked } from '@trpc/server'
import { z } from 'zod'
import { protectedProcedure, router } from '../api/trpc.ts'

const liveSessionSchema = z.object({
  session_id: z.string(),
  backend: z.string(),
  started_at: z.iso.datetime(),
  used_ms: z.int().nonnegative(),
})
/** Everything of the caller's that runs on this server right now. */
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
      const seenId = input?.lastEventId ?? undefined
      const ended = signal ?? new AbortController().signal
      for await (const { id, sessions } of ctx.live.watch(ctx.userId, seenId, ended)) {
        const state: LiveState = liveStateSchema.parse({
          sessions: sessions.map(({ sessionId, backend, startedAtMs, usedMs }) => ({
            session_id: sessionId,
            backend,
            started_at: new Date(startedAtMs).toISOString(),
            used_ms: usedMs,
          })),
        })
        yield tracked(id, state)
      }
    }),
})
