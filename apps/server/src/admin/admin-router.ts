import { z } from 'zod'
import { adminProcedure, router } from '../api/trpc.ts'
import { idSchema } from '../ids.ts'
import {
  adjustmentKey,
  adjustmentMs,
  adminReason,
  MARGIN_DAYS_DEFAULT,
  marginDays,
  PAGE_DEFAULT,
  pageLimit,
  userSearch,
} from './admin-fields.ts'
import {
  auditEntrySchema,
  balanceSchema,
  dayMarginSchema,
  ledgerLineSchema,
  liveSessionSchema,
  pageOf,
  toAuditWire,
  toBalanceWire,
  toDayMarginWire,
  toLedgerWire,
  toLiveSessionWire,
  toPageWire,
  toUserSessionWire,
  toUserWire,
  userSchema,
  userSessionSchema,
} from './admin-wire.ts'

/** Of the page before, and rows per page. */
const page = { cursor: idSchema.optional(), limit: pageLimit.default(PAGE_DEFAULT) }
const count = z.int().nonnegative()

/**
 * For administrators, over tRPC alone: it is no part of the REST API. Who is none is told `forbidden`
 * before anything is looked at, whatever the input.
 */
export const adminRouter = router({
  users: adminProcedure
    .input(z.object({ search: userSearch.optional(), ...page }))
    .output(pageOf(userSchema))
    .query(async ({ ctx, input }) =>
      toPageWire(await ctx.administration.users.page(input), toUserWire),
    ),

  /** One user, with the newest of their sessions and of their ledger; more in pages. */
  user: adminProcedure
    .input(z.object({ user_id: idSchema }))
    .output(
      z.object({
        user: userSchema,
        sessions: pageOf(userSessionSchema),
        ledger: pageOf(ledgerLineSchema),
      }),
    )
    .query(async ({ ctx, input }) => {
      const { users, userSessions } = ctx.administration
      const user = await users.find(input.user_id)
      const { sessions, nextCursor } = await userSessions.page(user.id, { limit: PAGE_DEFAULT })
      const ledger = await users.ledger(user.id, { limit: PAGE_DEFAULT })
      return {
        user: toUserWire(user),
        sessions: toPageWire({ rows: sessions, nextCursor }, toUserSessionWire),
        ledger: toPageWire(ledger, toLedgerWire),
      }
    }),

  userSessions: adminProcedure
    .input(z.object({ user_id: idSchema, ...page }))
    .output(pageOf(userSessionSchema))
    .query(async ({ ctx, input }) => {
      const { users, userSessions } = ctx.administration
      const { id } = await users.find(input.user_id)
      const { sessions, nextCursor } = await userSessions.page(id, input)
      return toPageWire({ rows: sessions, nextCursor }, toUserSessionWire)
    }),

  userLedger: adminProcedure
    .input(z.object({ user_id: idSchema, ...page }))
    .output(pageOf(ledgerLineSchema))
    .query(async ({ ctx, input }) => {
      const { users } = ctx.administration
      const { id } = await users.find(input.user_id)
      return toPageWire(await users.ledger(id, input), toLedgerWire)
    }),

  liveSessions: adminProcedure
    .input(z.object(page))
    .output(pageOf(liveSessionSchema))
    .query(async ({ ctx, input }) =>
      toPageWire(await ctx.administration.liveSessions.page(input), toLiveSessionWire),
    ),

  endSession: adminProcedure
    .input(z.object({ session_id: idSchema, reason: adminReason }))
    .output(z.object({ status: z.enum(['ending', 'ended']) }))
    .mutation(async ({ ctx, input: { session_id: sessionId, reason } }) => {
      const { liveSessions } = ctx.administration
      return { status: await liveSessions.end(ctx.actor, { sessionId, reason }) }
    }),

  adjustCredits: adminProcedure
    .input(
      z.object({
        user_id: idSchema,
        delta_ms: adjustmentMs,
        reason: adminReason,
        idempotency_key: adjustmentKey,
      }),
    )
    .output(z.object({ outcome: z.enum(['booked', 'already_booked']), balance: balanceSchema }))
    .mutation(async ({ ctx, input }) => {
      const { outcome, balance } = await ctx.administration.credits.adjust(ctx.actor, {
        userId: input.user_id,
        deltaMs: input.delta_ms,
        reason: input.reason,
        key: input.idempotency_key,
      })
      return { outcome, balance: toBalanceWire(balance) }
    }),

  blockUser: adminProcedure
    .input(z.object({ user_id: idSchema, reason: adminReason }))
    .output(
      z.object({
        outcome: z.enum(['blocked', 'already_blocked']),
        ended_logins: count,
        stopped_sessions: count,
      }),
    )
    .mutation(async ({ ctx, input: { user_id: userId, reason } }) => {
      const blocked = await ctx.administration.access.block(ctx.actor, { userId, reason })
      return {
        outcome: blocked.outcome,
        ended_logins: blocked.endedLogins,
        stopped_sessions: blocked.stoppedSessions,
      }
    }),

  unblockUser: adminProcedure
    .input(z.object({ user_id: idSchema, reason: adminReason }))
    .output(z.object({ outcome: z.enum(['unblocked', 'not_blocked']) }))
    .mutation(async ({ ctx, input: { user_id: userId, reason } }) =>
      ctx.administration.access.unblock(ctx.actor, { userId, reason }),
    ),

  setRole: adminProcedure
    .input(z.object({ user_id: idSchema, role: z.enum(['user', 'admin']), reason: adminReason }))
    .output(z.object({ outcome: z.enum(['changed', 'unchanged']) }))
    .mutation(async ({ ctx, input: { user_id: userId, role, reason } }) =>
      ctx.administration.access.setRole(ctx.actor, { userId, role, reason }),
    ),

  margins: adminProcedure
    .input(z.object({ days: marginDays.default(MARGIN_DAYS_DEFAULT) }))
    .output(z.object({ days: z.array(dayMarginSchema) }))
    .query(async ({ ctx, input }) => {
      const days = await ctx.administration.margins.read(input.days)
      return { days: days.map(toDayMarginWire) }
    }),

  audit: adminProcedure
    .input(z.object({ user_id: idSchema.optional(), ...page }))
    .output(pageOf(auditEntrySchema))
    .query(async ({ ctx, input: { user_id: userId, ...request } }) =>
      toPageWire(await ctx.administration.audit.page({ ...request, userId }), toAuditWire),
    ),
})
