import { protectedProcedure, router } from '../api/trpc.ts'
import type { Credits } from './credits.ts'
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
  /** The balance now, and after every change: about once a second while the user speaks. */
  onBalance: protectedProcedure.subscription(async function* ({ ctx, signal }) {
    let seenMs: number | undefined
    const ended = signal ?? new AbortController().signal
    for await (const { balanceMs } of ctx.liveFeed.watch(ctx.userId, ended)) {
      if (balanceMs === seenMs) continue
      seenMs = balanceMs
      const credits: Credits = creditsSchema.parse(toCredits(balanceMs))
      yield credits
    }
  }),
})
