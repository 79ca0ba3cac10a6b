import { describe, expect, it } from 'vitest'
import { createMemorySecretStore } from './memory-secret-store.ts'

describe('secrets in memory', () => {
  it('change one after the other, so that no refresh token is used twice', async () => {
    const store = createMemorySecretStore()
    await store.update('login', async () => '0')
    const next = async (current: string | undefined) => {
      await new Promise(setImmediate)
      return String(Number(current) + 1)
    }
    const changes = [1, 2, 3].map(async () => store.update('login', next))
    expect(await Promise.all(changes)).toEqual(['1', '2', '3'])
    expect(await store.get('login')).toBe('3')
  })

  it('stay as they were where a change fails, and can be changed again', async () => {
    const store = createMemorySecretStore()
    await store.update('login', async () => 'old')
    const failing = store.update('login', async () => Promise.reject(new Error('no network')))
    await expect(failing).rejects.toThrow('no network')
    expect(await store.get('login')).toBe('old')
    await store.update('login', async () => undefined)
    expect(await store.get('login')).toBeUndefined()
  })
})
