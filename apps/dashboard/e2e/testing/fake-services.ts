import type { FakeDeepgram } from '@saywire/speech/testing'
import type { FakeStripe } from '../../../server/src/billing/testing/fake-stripe.ts'

/** Variables that lead a server to this fake Stripe. */
export const stripeVariables = ({ keys, url }: FakeStripe) => ({
  STRIPE_SECRET_KEY: keys.secretKey,
  STRIPE_WEBHOOK_SECRET: keys.webhookSecrets.join(','),
  STRIPE_API_URL: url,
})

/** Variables that lead a server to this fake Deepgram. */
export const deepgramVariables = ({ apiKey, url }: FakeDeepgram) => ({
  DEEPGRAM_API_KEY: apiKey,
  DEEPGRAM_URL: url,
})
