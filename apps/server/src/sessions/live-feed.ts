import { EventEmitter, once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import type { LiveAccount } from './live-account.ts'

/**
 * Accounts as they move, for the people who watch their own: balance and running sessions, also
 * those of other server processes.
 *
 * It asks the database once a second, in one statement for all that this process's watchers watch,
 * and not at all while nobody watches. LISTEN/NOTIFY would be told instead of asking, but a commit
 * that notifies takes a lock of the whole cluster, one commit at a time, and every heartbeat would
 * be one. It would also need a connection of its own, and a full reading after each loss of it;
 * asking survives an outage by asking again.
 */
export interface LiveFeed {
  /**
   * The account now, and after every change, within about a second, until `signal` aborts. Each
   * value is the whole state: a slow watcher skips states and misses nothing.
   * @throws AppError `rate_limited` where the account has 100 watchers already
   */
  watch(userId: string, signal: AbortSignal): AsyncGenerator<LiveAccount, void>
}

interface Watched {
  watchers: number
  /** As last read; undefined before the first reading. */
  account: LiveAccount | undefined
}

const POLL_MS = 1000
/** Far more than all the pages of one user: each costs a message whenever the account moves. */
const WATCHERS_MAX_PER_USER = 100

export function createLiveFeed(deps: {
  /** Reads these users' accounts, all of them, in one go. */
  readonly read: (userIds: readonly string[]) => Promise<ReadonlyMap<string, LiveAccount>>
  readonly log: Pick<Logger, 'warn'>
  /** From one reading of everything to the next. */
  readonly pollMs?: number
}): LiveFeed {
  const { read, log, pollMs = POLL_MS } = deps
  const watched = new Map<string, Watched>()
  const changes = new EventEmitter().setMaxListeners(0)
  let isRunning = false
  let isFailing = false
  /** Came since the last reading began. */
  let hasNewcomer = false
  let wake = (): void => undefined

  /** The only caller of read(), so there are never two readings at once. */
  async function readWhileWatched(): Promise<void> {
    isRunning = true
    let nextAtMs = 0
    while (watched.size > 0) {
      const isDue = performance.now() >= nextAtMs
      if (isDue) nextAtMs = performance.now() + pollMs
      hasNewcomer = false
      // Between two readings of everything, only who has come since is read.
      const due = [...watched].filter(([, { account }]) => isDue || !account)
      if (due.length > 0) await refresh(due.map(([userId]) => userId))
      if (!hasNewcomer) await pause(nextAtMs - performance.now())
    }
    isRunning = false
  }

  async function refresh(userIds: readonly string[]): Promise<void> {
    const accounts = await read(userIds).catch((error: unknown) => {
      if (!isFailing) log.warn({ err: error }, 'accounts cannot be watched; trying on')
      isFailing = true
    })
    if (!accounts) return
    isFailing = false
    for (const [userId, account] of accounts) {
      const entry = watched.get(userId)
      if (!entry || isDeepStrictEqual(entry.account, account)) continue
      entry.account = account
      changes.emit(userId)
    }
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  function join(userId: string): Watched {
    const entry = watched.get(userId) ?? { watchers: 0, account: undefined }
    if (entry.watchers >= WATCHERS_MAX_PER_USER) {
      throw new AppError('rate_limited', 'You watch your account too often: close some pages.')
    }
    entry.watchers += 1
    watched.set(userId, entry)
    if (!entry.account) {
      hasNewcomer = true
      wake()
    }
    if (!isRunning) void readWhileWatched()
    return entry
  }

  function leave(userId: string, entry: Watched): void {
    entry.watchers -= 1
    if (entry.watchers > 0) return
    watched.delete(userId)
    // The loop ends at once where nobody is left.
    if (watched.size === 0) wake()
  }

  return {
    async *watch(userId, signal) {
      if (signal.aborted) return
      const entry = join(userId)
      let seen: LiveAccount | undefined
      try {
        while (!signal.aborted) {
          const { account } = entry
          if (account && account !== seen) {
            seen = account
            yield account
          } else {
            // Nothing can change between the look and the listener: no await lies between them.
            await once(changes, userId, { signal }).catch(() => undefined)
          }
        }
      } finally {
        leave(userId, entry)
      }
    },
  }
}
