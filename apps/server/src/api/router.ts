import { accountRouter } from '../accounts/account-router.ts'
import { authRouter } from '../accounts/auth-router.ts'
import { webRouter } from '../accounts/web-router.ts'
import { adminRouter } from '../admin/admin-router.ts'
import { billingRouter } from '../billing/billing-router.ts'
import { sessionsRouter } from '../sessions/sessions-router.ts'
import { usageRouter } from '../usage/usage-router.ts'
import { mergeRouters, router } from './trpc.ts'

/** Everything that the server answers, over tRPC and, where a procedure names a path, over REST. */
export const appRouter = router({
  auth: authRouter,
  web: webRouter,
  account: mergeRouters(accountRouter, usageRouter),
  billing: billingRouter,
  sessions: sessionsRouter,
  admin: adminRouter,
})
export type AppRouter = typeof appRouter
