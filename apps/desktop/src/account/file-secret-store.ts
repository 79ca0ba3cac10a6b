import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withFileLock } from '@saywire/speech/file-lock'
import { z } from 'zod'
import { writeAtomically } from '../write-atomically.ts'
import type { SecretStore } from './secret-store.ts'

const secretsSchema = z.record(z.string(), z.string())

/**
 * Secrets in a file that only this user may read (mode 0600), for machines without a keychain.
 * Written whole to a temporary file and renamed, so that it is never half written.
 */
export function createFileSecretStore(file: string): SecretStore {
  async function read(): Promise<Record<string, string>> {
    try {
      return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return {}
      throw error
    }
  }

  async function locked<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    return withFileLock(file, {}, work)
  }

  return {
    async get(name) {
      return (await read())[name]
    },
    async update(name, change) {
      return locked(async () => {
        const { [name]: current, ...others } = await read()
        const next = await change(current)
        if (next !== current) {
          const secrets = next === undefined ? others : { ...others, [name]: next }
          await writeAtomically(file, JSON.stringify(secrets), 0o600)
        }
        return next
      })
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
