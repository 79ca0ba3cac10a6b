import { safeStorage } from 'electron'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import { createMemorySecretStore } from '../account/memory-secret-store.ts'
import type { DesktopSecrets, SecretStore } from '../account/secret-store.ts'

/**
 * Secrets in a file that only this user may read (mode 0600), encrypted with a key that the system's
 * keychain holds. Call it when the app is ready.
 */
export function createSafeSecretStore(file: string): DesktopSecrets {
  const storage = findStorage()
  const store =
    storage === 'none' ? createMemorySecretStore() : encrypted(createFileSecretStore(file))
  return { ...store, storage }
}

function findStorage(): DesktopSecrets['storage'] {
  const isLinux = process.platform === 'linux'
  const isPlain = isLinux && safeStorage.getSelectedStorageBackend() === 'basic_text'
  // Without a keyring Chromium has a built-in key, which it only uses when it is told to.
  if (isPlain) safeStorage.setUsePlainTextEncryption(true)
  if (!safeStorage.isEncryptionAvailable()) return 'none'
  return isPlain ? 'weak' : 'keychain'
}

function encrypted(inner: SecretStore): SecretStore {
  return {
    get: async (name) => decrypt(await inner.get(name)),
    async update(name, change) {
      const stored = await inner.update(name, async (current) => {
        const before = decrypt(current)
        const after = await change(before)
        // No two encryptions are alike: the same secret would be written anew at each look.
        return after !== undefined && after === before ? current : encrypt(after)
      })
      return decrypt(stored)
    },
  }
}

function encrypt(secret: string | undefined): string | undefined {
  return secret === undefined ? undefined : safeStorage.encryptString(secret).toString('base64')
}

/** Undefined also for what another keychain encrypted: the user enters it again. */
function decrypt(stored: string | undefined): string | undefined {
  if (stored === undefined) return undefined
  try {
    return safeStorage.decryptString(Buffer.from(stored, 'base64'))
  } catch {
    return undefined
  }
}
