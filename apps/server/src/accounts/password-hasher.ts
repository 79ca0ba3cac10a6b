import { hash, verify } from '@node-rs/argon2'
import { AppError } from '../app-error.ts'

/** Hashes and checks passwords, a bounded number at once. */
export interface PasswordHasher {
  /** @throws AppError `busy` */
  hash(password: string): Promise<string>
  /**
   * Costs the same whether there is an account or not: without a hash to compare with, a dummy is
   * compared, and the answer is false.
   * @throws AppError `busy`
   */
  matches(password: string, passwordHash: string | undefined): Promise<boolean>
}

/** argon2id is the library's default. OWASP's figures: 19 MiB, 2 passes, 1 lane; 20–50 ms of a core. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Each hash fills a core: more at once would stutter the audio of everybody who is speaking. */
const RUNNING_MAX = 2
const WAITING_MAX = 50

export function createPasswordHasher(
  limits: { readonly runningMax?: number; readonly waitingMax?: number } = {},
): PasswordHasher {
  const runInTurn = createQueue(limits.runningMax ?? RUNNING_MAX, limits.waitingMax ?? WAITING_MAX)
  let dummy: Promise<string> | undefined

  return {
    hash: async (password) => runInTurn(async () => hash(password, ARGON2)),
    async matches(password, passwordHash) {
      dummy ??= hash('nobody has this password', ARGON2)
      const stored = passwordHash ?? (await dummy)
      const same = await runInTurn(async () => verify(stored, password))
      return same && passwordHash !== undefined
    },
  }
}

function createQueue(runningMax: number, waitingMax: number) {
  const waiting: (() => void)[] = []
  let running = 0

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax) {
        throw new AppError('busy', 'Too many people are logging in. Try again shortly.', 2000)
      }
      // Whoever finishes hands over its place, so that `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
