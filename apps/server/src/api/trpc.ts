import { initTRPC, TRPCError } from '@trpc/server'
import type { OpenApiMeta } from 'trpc-to-openapi'
import type { Actor } from '../admin/admin-actor.ts'
import { STATUS_BY_CODE, toApiError } from './api-errors.ts'
import type { Context } from './context.ts'
import { requireCsrfToken, requireIdentity } from './identify.ts'

const t = initTRPC
  .context<Context>()
  .meta<OpenApiMeta>()
  .create({
    // Otherwise answers carry stack traces wherever NODE_ENV is not `production`.
    isDev: false,
    // Subscriptions go over WebSocket alone: there they are counted, and end with their login.
    sse: { enabled: false },
    errorFormatter({ shape, error }) {
      const apiError = toApiError(error)
      return { ...shape, message: apiError.message, data: { ...shape.data, error: apiError } }
    },
  })

export const router = t.router
export const mergeRouters = t.mergeRouters

const watchCall = t.middleware(async ({ ctx, path, next }) => {
  const end = ctx.callWatch.begin(path, ctx.caller.span)
  const result = await next()
  end(result.ok ? 'ok' : toApiError(result.error).code)
  return result
})

/** Gives our own errors the status that they have on REST too. */
const withStatus = t.middleware(async ({ next }) => {
  const result = await next()
  if (result.ok) return result
  const { code, message } = toApiError(result.error)
  throw new TRPCError({ code: STATUS_BY_CODE[code].trpc, message, cause: result.error.cause })
})

export const publicProcedure = t.procedure.use(watchCall).use(withStatus)

/**
 * For callers with a valid access token or a browser's login; checked at every call, also on a
 * long-lived socket.
 */
export const protectedProcedure = publicProcedure.use(async ({ ctx, type, next }) => {
  const identity = await requireIdentity(ctx)
  if (identity.by === 'cookie' && type === 'mutation') requireCsrfToken(ctx)
  return next({ ctx: { userId: identity.userId, loginId: identity.loginId } })
})

/**
 * For administrators, as the database has it at this call. Comes before any input is looked at: nobody
 * else learns what there is.
 */
export const adminProcedure = protectedProcedure.use(async ({ ctx, next }) => {
  await ctx.administration.requireAdmin(ctx.userId)
  const actor: Actor = { kind: 'user', userId: ctx.userId, requestId: ctx.caller.requestId }
  return next({ ctx: { actor } })
})

/**
 * For calls that can be used to guess a password or a token. Counted here, not by request: a batch
 * or a WebSocket carries any number of calls.
 */
const countAttempt = t.middleware(async ({ ctx, next }) => {
  await ctx.authRateLimit.countAttempt(ctx.caller.address)
  return next()
})

export const authProcedure = publicProcedure.use(countAttempt)
export const protectedAuthProcedure = protectedProcedure.use(countAttempt)
