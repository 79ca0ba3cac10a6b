import { expect, test } from 'vitest'
import { secretsOf } from './env-secrets.ts'
import { readEnv } from './env.ts'

test('every secret of the configuration is known as one, the database’s in both of its forms', () => {
  const secrets = {
    JWT_SECRET: 'j'.repeat(32),
    DEEPGRAM_API_KEY: 'deepgram-key',
    METRICS_TOKEN: 'm'.repeat(16),
    STRIPE_SECRET_KEY: 'sk_test_1',
    STRIPE_WEBHOOK_SECRET: 'whsec_1,whsec_2',
  }
  const env = readEnv({
    ...secrets,
    DATABASE_URL: 'postgresql://u:p%40ss@db.example/saywire',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=otel%20key',
  })
  const expected = [
    ...Object.values(secrets).flatMap((value) => value.split(',')),
    'p%40ss',
    'p@ss',
    'otel key',
  ]
  expect(secretsOf(env).toSorted()).toEqual(expected.toSorted())
  expect(secretsOf(readEnv({}))).toEqual([])
})
