import { expect, test } from 'vitest'
import { readEnv } from '../env.ts'

const keys = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
const production = {
  ...keys,
  NODE_ENV: 'production',
  JWT_SECRET: 'k'.repeat(32),
  PUBLIC_URL: 'https://captions.example.org/',
}
const atALoss = JSON.stringify([{ id: 'p', label: 'Gift', seconds: 60_000, price_cents: 100 }])

test('without keys nothing is sold; what would be is known', () => {
  const { selling } = readEnv({})
  expect(selling.stripe).toBeUndefined()
  expect(selling.packages.map(({ id, seconds }) => [id, seconds])).toEqual([
    ['pack_500', 30_000],
    ['pack_1200', 72_000],
    ['pack_3000', 180_000],
  ])
})

test('costs are read without a float: $0.0048, 2.9 % and 30 ¢', () => {
  expect(readEnv({}).selling.costs).toEqual({
    providerMicrosPerMinute: 4800,
    feeBasisPoints: 290,
    feeCents: 30,
  })
})

test('while the webhook’s secret is being changed both hold', () => {
  const env = { ...keys, STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old' }
  expect(readEnv(env).selling.stripe?.webhookSecrets).toEqual(['whsec_new', 'whsec_old'])
})

test('the public address may call the API, and loses its last slash', () => {
  const env = readEnv(production)
  expect(env.publicUrl).toBe('https://captions.example.org')
  expect(env.allowedOrigins).toEqual(['https://captions.example.org'])
})

test.each([
  ['a secret key without a webhook secret', { STRIPE_SECRET_KEY: 'sk_test_1' }, /WEBHOOK_SECRET/],
  ['a webhook secret without a key', { STRIPE_WEBHOOK_SECRET: 'whsec_1' }, /STRIPE_SECRET_KEY/],
  ['a publishable key', { ...keys, STRIPE_SECRET_KEY: 'pk_test_1' }, /must be a secret key/],
  ['packs that are no JSON', { CREDIT_PACKAGES: 'pack_500' }, /CREDIT_PACKAGES must be JSON/],
  ['a pack without a price', { CREDIT_PACKAGES: '[{"id":"p"}]' }, /CREDIT_PACKAGES/],
  ['a public address with a query', { PUBLIC_URL: 'https://a.example/?b=c' }, /neither a query/],
  ['no public address in production', { ...production, PUBLIC_URL: '' }, /PUBLIC_URL/],
  [
    'a Stripe that is reached in the clear in production',
    { ...production, STRIPE_API_URL: 'http://stripe.example' },
    /STRIPE_API_URL must be https/,
  ],
  ['a pack at a loss', { ...production, CREDIT_PACKAGES: atALoss }, /Gift for \$1.00: margin −\$4/],
  [
    'amounts at a loss',
    { ...production, CREDITS_PER_DOLLAR: '20000' },
    /PER_DOLLAR sells at a loss/,
  ],
])('%s stops the boot, and the message says which variable', (_, env, message) => {
  expect(() => readEnv(env)).toThrow(message)
})

test('a loss is allowed outside production, and where the operator says so', () => {
  expect(() => readEnv({ ...keys, CREDIT_PACKAGES: atALoss })).not.toThrow()
  const told = { ...production, CREDIT_PACKAGES: atALoss, ALLOW_NEGATIVE_MARGIN: '1' }
  expect(() => readEnv(told)).not.toThrow()
})

test('the value of a wrong key is not told', () => {
  expect(() => readEnv({ STRIPE_SECRET_KEY: 'hunter2' })).toThrow(/^(?!.*hunter2)/s)
})
