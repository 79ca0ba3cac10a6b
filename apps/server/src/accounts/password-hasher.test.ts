import { readdir, readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { createPasswordHasher, NOBODYS_HASH } from './password-hasher.ts'

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

test('an account that does not exist costs the very hash that another one costs', async () => {
  const passwords = createPasswordHasher()
  const own = await passwords.hash('correct horse')
  const parametersOf = (hash: string): string => hash.split('$', 4).join('$')
  expect(parametersOf(NOBODYS_HASH)).toBe(parametersOf(own))
  const timesMs: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  for (let i = 0; i < 7; i++) {
    for (const kind of ['known', 'unknown'] as const) {
      const startedMs = performance.now()
      await passwords.matches('wrong horse', kind === 'known' ? own : undefined)
      timesMs[kind].push(performance.now() - startedMs)
    }
  }
  const median = (times: number[]): number => times.toSorted((a, b) => a - b)[3] ?? 0
  // Without a hash it would be a thousandth.
  expect(median(timesMs.unknown) / median(timesMs.known)).toBeGreaterThan(0.2)
  expect(median(timesMs.unknown) / median(timesMs.known)).toBeLessThan(5)
})

test('hashing is not done on the event loop', async () => {
  const passwords = createPasswordHasher()
  await passwords.hash('password')
  let isDone = false
  const hashing = passwords.hash('password').then(() => (isDone = true))
  let turns = 0
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    turns += 1
  }
  await hashing
  expect(turns).toBeGreaterThan(10)
})

test.runIf(process.platform === 'linux')('hashing gives way to the audio', async () => {
  await createPasswordHasher().hash('password')
  const threads = await readdir('/proc/self/task')
  const stats = await Promise.all(
    threads.map(async (id) => readFile(`/proc/self/task/${id}/stat`, 'utf8').catch(() => '')),
  )
  // The 19th field; the second is a name in parentheses.
  const niceness = stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))
  expect(Math.max(...niceness)).toBe(Math.min(19, getPriority() + 5))
})

test('a hash that is none is an error of its own call, and the next one is served', async () => {
  const passwords = createPasswordHasher({ runningMax: 1 })
  await expect(passwords.matches('password', 'none')).rejects.toThrow('Decoding failed')
  expect(await passwords.matches('password', await passwords.hash('password'))).toBe(true)
})
