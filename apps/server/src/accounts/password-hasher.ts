import { AppError } from '../app-error.ts'
import { createHashThreads } from './hash-threads.ts'

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

/** Each hash fills a core and takes 19 MiB: more at once would stutter everybody's audio. */
const RUNNING_MAX = 2
/** About a second of them; who comes later is told to come again. */
const WAITING_MAX = 50
/** Of a password that was thrown away: whoever has no account is compared with this. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$1/oBk5EMyRqAku9KF9Mslw$y0EV4iD7dKlHlREW8V22WbpNwVxrGKxhE4H/BeS1Ays'

export function createPasswordHasher(
  limits: { readonly runningMax?: number; readonly waitingMax?: number } = {},
): PasswordHasher {
  const runInTurn = createQueue(limits.runningMax ?? RUNNING_MAX, limits.waitingMax ?? WAITING_MAX)
  const threads = createHashThreads(ARGON2)

  return {
    hash: async (password) => runInTurn(async () => threads.hash(password)),
    async matches(password, passwordHash) {
      const stored = passwordHash ?? NOBODYS_HASH
      const same = await runInTurn(async () => threads.verify(password, stored))
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
