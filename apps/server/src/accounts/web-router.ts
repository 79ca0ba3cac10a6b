import { z } from 'zod'
import type { Context } from '../api/context.ts'
import { authProcedure, protectedProcedure, publicProcedure, router } from '../api/trpc.ts'
import { AppError } from '../app-error.ts'
import { email, knownPassword, newPassword } from './account-fields.ts'
import type { WebSession } from './accounts.ts'
import { nameBrowser } from './browser-name.ts'

const sessionSchema = z.object({
  user: z.object({ id: z.string(), email: z.string() }),
  /** Goes into the header `x-csrf-token` of every mutation. */
  csrf_token: z.string(),
})

/** Logins of the dashboard's pages. Over tRPC alone: programs use /auth. */
export const webRouter = router({
  register: authProcedure
    .input(z.object({ email, password: newPassword }))
    .output(sessionSchema)
    .mutation(async ({ ctx, input }) =>
      beginSession(ctx, async (deviceName) => ctx.accounts.registerWeb({ ...input, deviceName })),
    ),

  login: authProcedure
    .input(z.object({ email, password: knownPassword }))
    .output(sessionSchema)
    .mutation(async ({ ctx, input }) =>
      beginSession(ctx, async (deviceName) => ctx.accounts.loginWeb({ ...input, deviceName })),
    ),

  logout: protectedProcedure.output(z.object({})).mutation(async ({ ctx }) => {
    const { cookie } = ctx.caller
    if (cookie !== undefined) await ctx.webLogins.end(cookie)
    ctx.caller.setCookie?.(undefined)
    return {}
  }),

  /** Who is logged in with the cookie. Pages ask when they open: the cookie's days begin anew. */
  session: publicProcedure.output(sessionSchema.nullable()).query(async ({ ctx }) => {
    const { cookie } = ctx.caller
    const login = cookie === undefined ? undefined : await ctx.webLogins.find(cookie)
    if (!login || cookie === undefined) return null
    const { id, email: address } = await ctx.accounts.find(login.userId)
    ctx.caller.setCookie?.(cookie)
    return { user: { id, email: address }, csrf_token: ctx.webLogins.csrfTokenOf(cookie) }
  }),
})

/** Gives the browser a login, and ends the one that it had: its cookie is overwritten. */
async function beginSession(
  { caller, webLogins }: Context,
  logIn: (deviceName: string) => Promise<WebSession>,
): Promise<z.infer<typeof sessionSchema>> {
  const { setCookie, cookie, userAgent } = caller
  if (!setCookie) {
    throw new AppError('bad_request', 'A login sets a cookie: make this call over plain HTTP.')
  }
  const { token, user } = await logIn(nameBrowser(userAgent))
  setCookie(token)
  if (cookie !== undefined) await webLogins.end(cookie)
  return { user, csrf_token: webLogins.csrfTokenOf(token) }
}
