import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'

const secret = 'a secret of at least thirty-two bytes'
const key = new TextEncoder().encode(secret)
const nowS = 1_800_000_000
const tokens = createAccessTokens({ secret, now: () => nowS * 1000 })

/** A token that is right in every respect but what the test changes. */
function forge(changes: { typ?: string; claims?: Record<string, unknown> } = {}): SignJWT {
  const claims = { iss: 'saywire', aud: 'saywire-api', sub: 'usr_1', iat: nowS, exp: nowS + 60 }
  return new SignJWT({ ...claims, ...changes.claims }).setProtectedHeader({
    alg: 'HS256',
    typ: changes.typ ?? 'at+jwt',
  })
}

test('a token names the user it was issued to', async () => {
  expect(await tokens.verify(await tokens.issue('usr_1'))).toEqual({ userId: 'usr_1' })
  expect(await tokens.verify(await forge().sign(key))).toEqual({ userId: 'usr_1' })
})

test('a token ends after 15 minutes', async () => {
  const token = await tokens.issue('usr_1')
  const at = (s: number) => createAccessTokens({ secret, now: () => (nowS + s) * 1000 })
  expect(await at(15 * 60 - 1).verify(token)).toBeDefined()
  expect(await at(15 * 60 + 1).verify(token)).toBeUndefined()
})

test.each([
  ['of another issuer', { claims: { iss: 'elsewhere' } }],
  ['for another audience', { claims: { aud: 'elsewhere' } }],
  ['of another type', { typ: 'JWT' }],
  ['without an end', { claims: { exp: undefined } }],
  ['without a subject', { claims: { sub: undefined } }],
  [
    'older than its allowed life, whatever its exp says',
    { claims: { iat: nowS - 3600, exp: nowS + 60 } },
  ],
])('a well-signed token %s is refused', async (_, changes) => {
  expect(await tokens.verify(await forge(changes).sign(key))).toBeUndefined()
})

test('only HS256 under our own secret counts', async () => {
  const { privateKey } = await generateKeyPair('RS256')
  const claims = { iss: 'saywire', aud: 'saywire-api', sub: 'usr_1', iat: nowS, exp: nowS + 60 }
  const rs256 = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' })
    .sign(privateKey)
  const hs512 = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS512', typ: 'at+jwt' })
    .sign(new TextEncoder().encode(secret.repeat(2)))
  const unsigned = new UnsecuredJWT(claims).encode()
  const otherKey = await forge().sign(new TextEncoder().encode(secret.toUpperCase()))
  for (const token of [rs256, hs512, unsigned, otherKey, '', 'nonsense', 'a.b.c']) {
    expect(await tokens.verify(token)).toBeUndefined()
  }
})

test('a public key does not become the secret of HS256', async () => {
  const { publicKey } = await generateKeyPair('RS256', { extractable: true })
  const pem = await exportSPKI(publicKey)
  expect(await tokens.verify(await forge().sign(new TextEncoder().encode(pem)))).toBeUndefined()
})

test.each(['none', 'None', 'NONE', 'hs256', 'HS256 ', 'RS256', 'ES256', 'dir', ''])(
  'the algorithm is not the token’s to choose: %j',
  async (alg) => {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
    const [, payload = '', signature = ''] = (await tokens.issue('usr_1')).split('.')
    const header = encode({ alg, typ: 'at+jwt' })
    for (const end of ['', signature]) {
      expect(await tokens.verify(`${header}.${payload}.${end}`)).toBeUndefined()
    }
  },
)

test('no byte of a token can be changed', async () => {
  const [header = '', payload = '', signature = ''] = (await tokens.issue('usr_1')).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const other = Buffer.from(JSON.stringify({ ...claims, sub: 'usr_2' })).toString('base64url')
  expect(await tokens.verify(`${header}.${other}.${signature}`)).toBeUndefined()
  expect(await tokens.verify(`${header}.${payload}.`)).toBeUndefined()
  expect(await tokens.verify(`${header}.${payload}.${signature}.x`)).toBeUndefined()
  expect(await tokens.verify(`${header}.${payload}.${signature.slice(0, -2)}`)).toBeUndefined()
  const flipped = signature.startsWith('A') ? 'B' : 'A'
  expect(
    await tokens.verify(`${header}.${payload}.${flipped}${signature.slice(1)}`),
  ).toBeUndefined()
})

test.each([
  ['is issued in the future', { iat: nowS + 3600, exp: nowS + 7200 }],
  ['has expired', { exp: nowS - 1 }],
  ['counts its days in words', { exp: 'tomorrow' }],
  ['ends in a hundred years, and is older than 15 minutes', { iat: nowS - 901, exp: nowS + 3e9 }],
])('a well-signed token that %s is refused', async (_, claims) => {
  expect(await tokens.verify(await forge({ claims }).sign(key))).toBeUndefined()
})

test('a token that asks for what this server does not understand is refused', async () => {
  const claims = { iss: 'saywire', aud: 'saywire-api', sub: 'usr_1', iat: nowS, exp: nowS + 60 }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', crit: ['odd'], odd: 1 })
    .sign(key, { crit: { odd: true } })
  expect(await tokens.verify(token)).toBeUndefined()
})

test('a token of megabytes is refused at once', async () => {
  const startedMs = performance.now()
  expect(await tokens.verify('a'.repeat(4 * 1024 * 1024))).toBeUndefined()
  expect(await tokens.verify(`${'e'.repeat(2_000_000)}.${'e'.repeat(2_000_000)}.x`)).toBeUndefined()
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

test('a short secret is refused', () => {
  expect(() => createAccessTokens({ secret: 'x'.repeat(31), now: Date.now })).toThrow(/32 bytes/)
})
