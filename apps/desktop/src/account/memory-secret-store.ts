import type { SecretStore } from './secret-store.ts'

/** Secrets that are forgotten when the app ends, for machines that cannot keep them. */
export function createMemorySecretStore(): SecretStore {
  const secrets = new Map<string, string>()
  let changing: Promise<unknown> = Promise.resolve()
  return {
    get: async (name) => secrets.get(name),
    async update(name, change) {
      // One after the other: a refresh token that is used twice ends the login.
      const changed = changing.then(async () => {
        const next = await change(secrets.get(name))
        if (next === undefined) secrets.delete(name)
        else secrets.set(name, next)
        return next
      })
      changing = changed.catch(() => undefined)
      return changed
    },
  }
}
