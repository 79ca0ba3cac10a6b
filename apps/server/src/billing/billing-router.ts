import { protectedProcedure, router } from '../api/trpc.ts'
import { creditsSchema, toCredits } from './credits.ts'

export const billingRouter = router({
  balance: protectedProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/billing/balance',
        summary: 'The caller’s prepaid audio',
        errorResponses: { 401: 'unauthenticated' },
        tags: ['billing'],
      },
    })
    .output(creditsSchema)
    .query(async ({ ctx }) => toCredits((await ctx.accounts.find(ctx.userId)).unspentMs)),
})
