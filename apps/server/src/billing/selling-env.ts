import { z } from 'zod'
import { isLoopback } from '../http/origin.ts'
import { about, address, decimal, meanings, wholeNumber } from '../env-variables.ts'
import type { Costs } from './margins.ts'
import {
  describeMargin,
  marginMicros,
  NOVA_3_DOLLARS_PER_MINUTE,
  offersToJudge,
  STRIPE_FEE_CENTS,
  STRIPE_FEE_PERCENT,
} from './margins.ts'
import type { CreditPackage, CustomAmounts } from './packages.ts'
import {
  creditPackageSchema,
  CUSTOM_MAX_CENTS,
  CUSTOM_MIN_CENTS,
  defaultPackages,
  offerOfPackage,
} from './packages.ts'

/** What is sold, and what that costs; `stripe` is absent where buying is off. */
export interface Selling {
  readonly packages: readonly CreditPackage[]
  readonly custom: CustomAmounts | undefined
  readonly costs: Costs
  readonly stripe: StripeKeys | undefined
}

export interface StripeKeys {
  readonly secretKey: string
  /** More than one while a secret is being changed. */
  readonly webhookSecrets: readonly string[]
  /** Another address for Stripe: tests. */
  readonly apiUrl: string | undefined
}

const packages = z
  .string()
  .transform((text, ctx) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      ctx.addIssue('must be JSON: [{"id":"pack_500","label":"500 minutes","seconds":30000,…}]')
      return z.NEVER
    }
  })
  .pipe(z.array(creditPackageSchema).min(1).max(20))
  .refine((packs) => new Set(packs.map(({ id }) => id)).size === packs.length, 'has an id twice')

/** The part of the configuration that is about selling credit. */
export const sellingVariables = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret key, sk_test_… or sk_live_…')
    .optional()
    .register(meanings, about('Set where credit is sold.', 'credit is not sold')),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .transform((list) => list.split(',').map((secret) => secret.trim()))
    .pipe(z.array(z.string().startsWith('whsec_', 'must be whsec_…, or two of them')).max(2))
    .optional()
    .register(
      meanings,
      about('Proves that events are Stripe’s; two, comma-separated, while you change it.', 'none'),
    ),
  STRIPE_API_URL: address(/^https?$/, 'http://127.0.0.1:12111')
    .optional()
    .register(meanings, about('Another address for Stripe: tests.', 'https://api.stripe.com')),
  PUBLIC_URL: address(/^https?$/, 'https://captions.example.org')
    .refine((url) => !/[?#]/.test(url), 'must have neither a query nor a fragment')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .register(
      meanings,
      about('Where browsers reach this server; Stripe sends buyers back to it.', 'as it listens'),
    ),
  CREDIT_PACKAGES: packages
    .default([...defaultPackages])
    .register(
      meanings,
      about(
        'What is sold: JSON list of `{id, label, seconds, price_cents}`, US cents.',
        'packs of 500, 1200 and 3000 minutes',
      ),
    ),
  CREDITS_PER_DOLLAR: wholeNumber(1, 1_000_000)
    .optional()
    .register(
      meanings,
      about(
        `Seconds of audio per dollar of an amount that the buyer chooses, $${CUSTOM_MIN_CENTS / 100} to $${CUSTOM_MAX_CENTS / 100}.`,
        'packs only',
      ),
    ),
  PROVIDER_COST_PER_MINUTE: decimal(6, NOVA_3_DOLLARS_PER_MINUTE)
    .prefault(NOVA_3_DOLLARS_PER_MINUTE)
    .register(
      meanings,
      about(
        'What a minute of audio costs you, in dollars.',
        `${NOVA_3_DOLLARS_PER_MINUTE}, Deepgram’s price for Nova-3`,
      ),
    ),
  STRIPE_FEE_PERCENT: decimal(2, STRIPE_FEE_PERCENT)
    .prefault(STRIPE_FEE_PERCENT)
    .register(meanings, about('Stripe’s share of a price.', STRIPE_FEE_PERCENT)),
  STRIPE_FEE_CENTS: wholeNumber(0, 10_000)
    .default(STRIPE_FEE_CENTS)
    .register(meanings, about('Stripe’s fixed fee of a payment.', String(STRIPE_FEE_CENTS))),
  ALLOW_NEGATIVE_MARGIN: z
    .enum(['0', '1'])
    .default('0')
    .register(meanings, about('`1`: in production, too, sell at a loss.', '0')),
}

const sellingSchema = z.object(sellingVariables)
type SellingVariables = z.infer<typeof sellingSchema>

/** What is sold, from variables that findSellingProblems() has nothing against. */
export function toSelling(env: SellingVariables): Selling {
  const { CREDITS_PER_DOLLAR: secondsPerDollar, STRIPE_SECRET_KEY: secretKey } = env
  return {
    packages: env.CREDIT_PACKAGES,
    custom: secondsPerDollar
      ? { secondsPerDollar, minCents: CUSTOM_MIN_CENTS, maxCents: CUSTOM_MAX_CENTS }
      : undefined,
    costs: {
      providerMicrosPerMinute: env.PROVIDER_COST_PER_MINUTE,
      feeBasisPoints: env.STRIPE_FEE_PERCENT,
      feeCents: env.STRIPE_FEE_CENTS,
    },
    stripe: secretKey
      ? {
          secretKey,
          webhookSecrets: env.STRIPE_WEBHOOK_SECRET ?? [],
          apiUrl: env.STRIPE_API_URL,
        }
      : undefined,
  }
}

/** What is wrong with the selling variables taken together: name of the variable and what to do. */
export function findSellingProblems(
  env: SellingVariables & { readonly NODE_ENV: string },
): [name: keyof SellingVariables, problem: string][] {
  const problems: [keyof SellingVariables, string][] = []
  const hasKey = env.STRIPE_SECRET_KEY !== undefined
  const hasWebhook = env.STRIPE_WEBHOOK_SECRET !== undefined
  if (hasKey && !hasWebhook) {
    const where = 'Stripe shows it (whsec_…) beside the webhook endpoint'
    problems.push(['STRIPE_WEBHOOK_SECRET', `must be set with STRIPE_SECRET_KEY: ${where}`])
  }
  if (hasWebhook && !hasKey) {
    problems.push(['STRIPE_SECRET_KEY', 'must be set with STRIPE_WEBHOOK_SECRET'])
  }
  if (!hasKey || env.NODE_ENV !== 'production') return problems
  if (!env.PUBLIC_URL) {
    problems.push(['PUBLIC_URL', 'must be set in production: Stripe sends buyers back to it'])
  }
  if (env.STRIPE_API_URL && isPlain(env.STRIPE_API_URL)) {
    problems.push(['STRIPE_API_URL', 'must be https in production: your secret key travels to it'])
  }
  const { packages, custom, costs } = toSelling(env)
  const packs = packages.map(offerOfPackage)
  for (const offer of offersToJudge(packs, custom)) {
    if (env.ALLOW_NEGATIVE_MARGIN === '1' || marginMicros(offer, costs) >= 0) continue
    const name = packs.includes(offer) ? 'CREDIT_PACKAGES' : 'CREDITS_PER_DOLLAR'
    const way = 'charge more for the minute, or set ALLOW_NEGATIVE_MARGIN=1'
    problems.push([name, `sells at a loss (${describeMargin(offer, costs)}): ${way}`])
  }
  return problems
}

/** Whether others on the way can read what is sent there. */
function isPlain(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !isLoopback(hostname)
}
