import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { TrustProxy } from './client-address.ts'
import { createClientAddressReader } from './client-address.ts'

const read = (trust: TrustProxy, peer: string, forwardedFor?: string, proto?: string) =>
  createClientAddressReader(trust)({
    socket: { remoteAddress: peer },
    headers: { 'x-forwarded-for': forwardedFor, 'x-forwarded-proto': proto },
  } as unknown as IncomingMessage)

test('without a trusted proxy nobody can claim another address, or TLS', () => {
  expect(read(undefined, '203.0.113.9', '198.51.100.1', 'https')).toEqual({
    ip: '203.0.113.9',
    group: '203.0.113.9',
    isSecure: false,
  })
})

test('a trusted proxy names the client; what the client itself sent does not count', () => {
  const chain = '10.9.9.9, 198.51.100.1'
  for (const trust of [1, ['10.0.0.0/24'], ['10.0.0.5']] as TrustProxy[]) {
    expect(read(trust, '10.0.0.5', chain, 'https')).toMatchObject({
      ip: '198.51.100.1',
      isSecure: true,
    })
  }
})

test('a peer that is not on the list is no proxy', () => {
  expect(read(['10.0.0.0/24'], '203.0.113.9', '198.51.100.1', 'https')).toMatchObject({
    ip: '203.0.113.9',
    isSecure: false,
  })
})

test('several proxies are counted from this side', () => {
  expect(read(2, '10.0.0.5', '6.6.6.6, 198.51.100.1, 10.0.0.4').ip).toBe('198.51.100.1')
})

test.each(['nonsense', '', 'unknown, ', '<script>'])(
  'where a proxy passes on %j, its own address is all that is known',
  (forwardedFor) => {
    expect(read(1, '10.0.0.5', forwardedFor).ip).toBe('10.0.0.5')
  },
)

test('the addresses of one IPv6 network are one to the limits, those of two are two', () => {
  const group = (peer: string): string => read(undefined, peer).group
  expect(group('2001:db8:1:2::1')).toBe(group('2001:db8:1:2:ffff:ffff:ffff:ffff'))
  expect(group('2001:db8:1:2::1')).not.toBe(group('2001:db8:1:3::1'))
})

test('an IPv4 address is the same one in IPv6 clothes', () => {
  expect(read(undefined, '::ffff:203.0.113.9')).toEqual(read(undefined, '203.0.113.9'))
})
