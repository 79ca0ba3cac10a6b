import { expect, test } from 'vitest'
import { createPasswordHasher } from './password-hasher.ts'

test('a password matches its own argon2id hash and no other', async () => {
  const passwords = createPasswordHasher()
  const hash = await passwords.hash('correct horse')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await passwords.matches('correct horse', hash)).toBe(true)
  expect(await passwords.matches('correct horsf', hash)).toBe(false)
})

test('without an account no password matches, also not the one of the dummy', async () => {
  expect(await createPasswordHasher().matches('nobody has this password', undefined)).toBe(false)
})

test('beyond the places in the queue the answer is busy, and the queue empties', async () => {
  const passwords = createPasswordHasher({ runningMax: 1, waitingMax: 1 })
  const results = await Promise.allSettled([1, 2, 3].map(async () => passwords.hash('password')))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(results[2]).toMatchObject({ reason: { code: 'busy' } })
  await expect(passwords.hash('password')).resolves.toContain('argon2id')
})
