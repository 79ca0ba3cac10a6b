import { expect, test } from 'vitest'
import { checkEmail, checkNewPassword } from './credentials.ts'

test.each(['', '   ', 'name', 'name@host', '@example.org', 'a b@example.org'])(
  '"%s" is sent back before the server sees it',
  (email) => {
    expect(checkEmail('email', email)).toMatchObject([{ path: 'email' }])
  },
)

test('an address with stray blanks around it is the server’s to trim', () => {
  expect(checkEmail('email', ' name@example.org ')).toEqual([])
})

test('a short password is told how much is missing', () => {
  expect(checkNewPassword('password', '1234567')[0]?.message).toBe('Add 1 more character.')
  expect(checkNewPassword('password', '12345678')).toEqual([])
  expect(checkNewPassword('password', 'x'.repeat(256))).toEqual([])
  expect(checkNewPassword('password', 'x'.repeat(257))).toHaveLength(1)
})
