import { SpeechError } from '@saywire/speech'
import type { DesktopSecrets } from './secret-store.ts'

/**
 * Secrets that cannot be read are as good as none: the app runs, and the user is told why they are
 * asked for again. Where they cannot be changed, a SpeechError says so.
 */
export function createToldSecrets(
  secrets: DesktopSecrets,
  onProblem: (sentence: string) => void,
): DesktopSecrets {
  return {
    storage: secrets.storage,
    async get(name) {
      try {
        return await secrets.get(name)
      } catch (error) {
        onProblem(`Your keys and logins cannot be read (${reasonOf(error)}): ${REMEDY}`)
        return undefined
      }
    },
    async update(name, change) {
      try {
        return await secrets.update(name, change)
      } catch (error) {
        if (!isOfFileSystem(error)) throw error
        const message = `Your keys and logins cannot be kept (${reasonOf(error)}): ${REMEDY}`
        throw new SpeechError('internal', message, { cause: error })
      }
    },
  }
}

const REMEDY = "check the permissions of Saywire's folder and the free space."

function isOfFileSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}
