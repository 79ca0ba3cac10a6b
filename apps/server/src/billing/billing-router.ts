import { z } from 'zod'
import { protectedProcedure, publicProcedure, router } from '../api/trpc.ts'
import { AppError } from '../app-error.ts'
import type { CheckoutRequest } from './checkout.ts'
import type { Credits } from './credits.ts'
import { creditsSchema, toCredits } from './credits.ts'
import { CURRENCY } from './packages.ts'

const packagesOutput = z.object({
  buying: z.boolean().meta({ description: 'Whether this server sells credit at all.' }),
  packages: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      seconds: z.int(),
      price_cents: z.int(),
      currency: z.string(),
    }),
  ),
  custom: z
    .object({ seconds_per_dollar: z.int(), min_cents: z.int(), max_cents: z.int() })
    .nullable()
    .meta({ description: 'Amounts that the buyer chooses; null: packs only.' }),
})

/** Printable: PostgreSQL, for one, takes no NUL. */
const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters')
  .optional()

const checkoutInput = z
  .object({
    package_id: z.string().max(40).optional(),
    amount_cents: z.int().positive().optional(),
    idempotency_key: idempotencyKey.meta({
      description:
        'Names the buyer’s click: sent again, it gives the same page. Or the header Idempotency-Key.',
    }),
  })
  .refine(
    ({ package_id, amount_cents }) => (package_id === undefined) !== (amount_cents === undefined),
    {
      message: 'Give either package_id or amount_cents.',
    },
  )

function toRequest({ package_id, amount_cents }: z.infer<typeof checkoutInput>): CheckoutRequest {
  return package_id === undefined ? { amountCents: amount_cents ?? 0 } : { packageId: package_id }
}

export const billingRouter = router({
  packages: publicProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/billing/packages',
        summary: 'What can be bought',
        protect: false,
        tags: ['billing'],
      },
    })
    .output(packagesOutput)
    .query(({ ctx: { shop } }) => ({
      buying: shop.isOpen,
      packages: shop.packages.map((pack) => ({ ...pack, currency: CURRENCY })),
      custom: shop.custom
        ? {
            seconds_per_dollar: shop.custom.secondsPerDollar,
            min_cents: shop.custom.minCents,
            max_cents: shop.custom.maxCents,
          }
        : null,
    })),
  checkout: protectedProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/billing/checkout',
        summary: 'Begin a purchase: a page of Stripe’s to pay on',
        errorResponses: {
          400: 'bad_request',
          401: 'unauthenticated',
          403: 'account_blocked',
          429: 'rate_limited',
          503: 'buying_off',
        },
        tags: ['billing'],
      },
    })
    .input(checkoutInput)
    .output(z.object({ checkout_url: z.url() }))
    .mutation(async ({ ctx, input }) => {
      const header = idempotencyKey.safeParse(ctx.caller.idempotencyKey)
      if (!header.success) {
        throw new AppError(
          'bad_request',
          'The header Idempotency-Key takes 1 to 200 ASCII characters.',
        )
      }
      const key = input.idempotency_key ?? header.data
      const page = await ctx.shop.begin(ctx.userId, toRequest(input), {
        idempotencyKey: key,
        requestId: ctx.caller.requestId,
      })
      return { checkout_url: page.url }
    }),
  verify: protectedProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/billing/verify',
        summary: 'How a purchase stands; credits it where it is paid and the webhook is late',
        errorResponses: { 401: 'unauthenticated', 404: 'not_found', 503: 'buying_off' },
        tags: ['billing'],
      },
    })
    .input(z.object({ session_id: z.string().regex(/^cs_\w{1,200}$/, 'must be cs_…') }))
    .output(
      z.object({
        status: z.enum(['paid', 'pending', 'failed', 'expired']),
        seconds: z.int(),
        credits: creditsSchema,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const purchase = await ctx.shop.verify(ctx.userId, input.session_id)
      const { unspentMs } = await ctx.accounts.find(ctx.userId)
      return { ...purchase, credits: toCredits(unspentMs) }
    }),
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
    for await (const { unspentMs } of ctx.liveFeed.watch(ctx.userId, ended)) {
      if (unspentMs === seenMs) continue
      seenMs = unspentMs
      const credits: Credits = creditsSchema.parse(toCredits(unspentMs))
      yield credits
    }
  }),
})
