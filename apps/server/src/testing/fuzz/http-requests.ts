import type { HttpCase } from './http-exchange.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import { randomAddress } from './surface.ts'

/** A request that the server understands, before something is done to it. */
export interface HttpSeed {
  readonly method: string
  readonly path: string
  /** Undefined: none. */
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: readonly string[]
}

interface Draft {
  method: string
  target: string
  headers: string[]
  body: Buffer | undefined
  isBroken: boolean
}

const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PURGE',
  'QUERY',
] as const
const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/json; charset=utf-16',
  'application/jsonl',
  'APPLICATION/JSON',
  'application/json, text/html',
  '*/*',
  '',
  '\u00ff',
] as const
const PATH_PARTS = [
  '%',
  '%zz',
  '%00',
  '%2e%2e',
  '..',
  '%252e%252e%252f',
  '\\',
  '//',
  ';a=b',
  '%f0%9f%98%80',
  '%c0%af',
  '%ed%a0%80',
  '__proto__',
  'constructor',
  '{id}',
  ':id',
  '?',
  '#',
  '*',
  ',',
  'a'.repeat(3000),
] as const
const HEADERS = [
  'Authorization: Bearer x.y.z',
  'Authorization: Bearer',
  'Authorization: Basic YTpi',
  `Authorization: Bearer ${'a'.repeat(9000)}`,
  'Authorization: Bearer eyJhbGciOiJub25lIn0.e30.',
  'Cookie: saywire_session=',
  'Cookie: saywire_session=%00',
  'Cookie: ;;;=;saywire_session=\u00e9; __proto__=1',
  `Cookie: ${'a=b; '.repeat(1500)}`,
  'X-CSRF-Token: \u00e9',
  'X-CSRF-Token: a, b',
  'Idempotency-Key: \u00e9',
  `Idempotency-Key: ${'k'.repeat(201)}`,
  'X-Forwarded-For: nonsense, , 1.2.3.4.5',
  'X-Forwarded-For: ::ffff:1.2.3.4',
  'X-Forwarded-Proto: https, \u00e9',
  'X-Forwarded-Host: evil.example',
  'X-HTTP-Method-Override: DELETE',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: the-unexpected',
  'Origin: null',
  'Origin: https://evil.example',
  'Origin: \u00e9',
  'Referer: \u00e9',
  'Range: bytes=9-2',
  'If-None-Match: *, "',
  'Accept: \u00e9',
  'User-Agent: \u00e9${jndi:ldap://127.0.0.1/a}',
  'Sec-Fetch-Site: cross-site',
  'trpc-accept: application/jsonl',
  'trpc-accept: nonsense',
  'trpc-batch-mode: stream',
] as const
/** Nobody can tell where such a request ends, or what the connection is afterwards. */
const BREAKING_HEADERS = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Content-Length: 0',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 70000',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: \u00e9',
  'Host: evil.example',
  'Host: a b',
  'Host: [',
  'Host:',
  ' folded: header',
  'no colon',
  'a\u0000b: c',
  'X: a\nY: b',
  `X: ${'x'.repeat(17_000)}`,
  Array.from({ length: 70 }, (_, i) => `X-${i}: y`).join('\r\n'),
] as const
const PREFACES = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET http://127.0.0.1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET //evil.example/%2f.. HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET /health HTTP/0.9\r\n\r\n',
  'GET /health HTTP/1.0\r\n\r\n',
  'GET /health HTTP/3.0\r\nHost: localhost\r\n\r\n',
  'GET /health\r\n\r\n',
  '\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0003',
  '\r\n\r\n\r\n',
] as const

/** A valid request with one thing wrong in its body, path, query, headers or method, or with all. */
export function mutateRequest(
  random: Random,
  seed: HttpSeed,
  host: string,
  headers: readonly string[],
): HttpCase {
  const draft: Draft = {
    method: seed.method,
    target: seed.path,
    headers: [...(seed.headers ?? []), ...headers],
    body: seed.body === undefined ? undefined : Buffer.from(JSON.stringify(seed.body)),
    isBroken: false,
  }
  let query = Object.entries(seed.query ?? {})
  const dice = random.int(100)
  if (dice < 50) draft.body = mutateJson(random, seed.body ?? {})
  else if (dice < 62) draft.target = oddPath(random, seed.path)
  else if (dice < 76) query = oddQuery(random, query)
  else if (dice < 90) draft.headers.push(random.pick(HEADERS))
  else if (dice < 94) draft.method = random.pick(METHODS)
  else breakFraming(random, draft)
  if (query.length > 0) draft.target += `?${query.map(([key, each]) => `${key}=${each}`).join('&')}`
  return encode(random, draft, host)
}

function encode(random: Random, draft: Draft, host: string): HttpCase {
  const { method, target, headers, body, isBroken } = draft
  const ownType = headers.some((line) => /^content-type/i.test(line))
  const type = random.chance(0.06) ? random.pick(TYPES) : 'application/json'
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `X-Forwarded-For: ${randomAddress(random)}`,
    ...(body && !ownType ? [`Content-Type: ${type}`] : []),
    ...headers,
    ...(body ? [`Content-Length: ${body.length}`] : []),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  let bytes: Buffer = body ? Buffer.concat([head, body]) : head
  if (isBroken && random.chance(0.3)) bytes = mutateBytes(random, bytes)
  if (isBroken && random.chance(0.2)) bytes = Buffer.from(random.pick(PREFACES), 'latin1')
  return { bytes, isHead: method === 'HEAD', isBroken }
}

function breakFraming(random: Random, draft: Draft): void {
  draft.isBroken = true
  draft.headers.push('Connection: close')
  if (random.chance(0.8)) draft.headers.unshift(random.pick(BREAKING_HEADERS))
}

function oddPath(random: Random, path: string): string {
  const steps = path.split('/')
  const at = 1 + random.int(steps.length)
  const part = random.pick(PATH_PARTS)
  if (random.chance(0.5)) steps[at] = part
  else steps.splice(at, 0, part)
  // A space would end the request line.
  return steps.join('/').replaceAll(' ', '%20')
}

function oddQuery(random: Random, query: [string, string][]): [string, string][] {
  const [key, value] = random.pick([...query, ['limit', '5']])
  const odd = encodeURIComponent(mutateJson(random, value).toString('latin1').slice(0, 3000))
  switch (random.int(5)) {
    case 0:
      return [...query, [key, odd]]
    case 1:
      return [...query, [random.pick(PATH_PARTS).replaceAll(/[#? ]/g, ''), odd]]
    case 2:
      return [
        [`${key}[]`, odd],
        [`${key}[__proto__]`, odd],
      ]
    case 3:
      return Array.from({ length: 300 }, (_, i) => [`${key}${i}`, 'x'])
    default:
      return [...query.filter(([each]) => each !== key), [key, odd]]
  }
}
