import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { envTableMarkdown, readEnv } from './env.ts'

const good = 'k'.repeat(32)

test('without any variable the server runs for itself: own database, Whisper, an hour of credit', () => {
  expect(readEnv({ XDG_DATA_HOME: '/data' })).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: undefined,
    jwtSecret: undefined,
    deepgram: undefined,
    startingCreditMinutes: 60,
    whisper: { model: 'base.en-q8_0' },
  })
})

test('every problem is told at once, by the name of its variable', () => {
  const source = { PORT: 'http', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud', JWT_SECRET: 'short' }
  for (const name of Object.keys(source)) expect(() => readEnv(source)).toThrow(name)
})

test('the value of a wrong secret is not told', () => {
  expect(() => readEnv({ JWT_SECRET: 'hunter2' })).toThrow(/^(?!.*hunter2)/s)
})

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['of 31 bytes', 'k'.repeat(31)],
  ['the one of an example file', `changeme_${good}`],
])('in production a JWT secret that is %s stops the boot', (_, JWT_SECRET) => {
  expect(() => readEnv({ NODE_ENV: 'production', JWT_SECRET })).toThrow(/JWT_SECRET.*openssl rand/)
})

test('a production problem is told beside the others', () => {
  expect(() => readEnv({ NODE_ENV: 'production', PORT: 'x' })).toThrow(/PORT[^]*JWT_SECRET/)
})

test('a good secret is taken in production', () => {
  expect(readEnv({ NODE_ENV: 'production', JWT_SECRET: good }).jwtSecret).toBe(good)
})

test('where credit is sold none is given away, unless the operator says so', () => {
  const selling = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }
  expect(readEnv(selling).startingCreditMinutes).toBe(0)
  expect(readEnv({ ...selling, STARTING_CREDIT_MINUTES: '5' }).startingCreditMinutes).toBe(5)
})

test('a Deepgram key switches to Deepgram', () => {
  expect(readEnv({ DEEPGRAM_API_KEY: 'key', DEEPGRAM_URL: 'ws://127.0.0.1:9' }).deepgram).toEqual({
    apiKey: 'key',
    url: 'ws://127.0.0.1:9',
    model: 'nova-3',
    sessionsMax: 135,
  })
})

test('origins are read from a list', () => {
  const env = readEnv({ ALLOWED_ORIGINS: 'https://a.example, https://b.example/ ' })
  expect(env.allowedOrigins).toEqual(['https://a.example', 'https://b.example'])
})

test.each([
  ['2', 2],
  ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
  ['loopback', ['loopback']],
  ['0', undefined],
])('TRUST_PROXY=%s is understood', (TRUST_PROXY, trustProxy) => {
  expect(readEnv({ TRUST_PROXY }).trustProxy).toEqual(trustProxy)
})

test.each(['true', '*', '10.0.0.0/33', '11', 'proxy.example.org'])(
  'TRUST_PROXY=%s stops the boot: it would trust anybody, or nobody',
  (TRUST_PROXY) => {
    expect(() => readEnv({ TRUST_PROXY })).toThrow(/TRUST_PROXY must be how many/)
  },
)

test('the README’s table is the one that the code makes', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const table = /<!-- env:start -->\n([^]*?)\n<!-- env:end -->/.exec(readme)?.[1]
  expect(table).toBe(envTableMarkdown())
})
