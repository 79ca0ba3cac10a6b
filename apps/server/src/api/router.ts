import { accountRouter, authRouter } from '../accounts/accounts-router.ts'
import { billingRouter } from '../billing/billing-router.ts'
import { sessionsRouter } from '../sessions/sessions-router.ts'
import { router } from './trpc.ts'

/** Everything that the server answers, over tRPC and, where a procedure names a path, over REST. */
export const appRouter = router({
  auth: authRouter,
  account: accountRouter,
  billing: billingRouter,
  sessions: sessionsRouter,
})
export type AppRouter = typeof appRouter
