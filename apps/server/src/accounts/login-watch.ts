import type { Logger } from 'pino'
import type { Devices, LoginEnd } from './devices.ts'

/** Tells what lives longer than one call when the login that it is served because of has ended. */
export interface LoginWatch {
  /**
   * @param onEnded called once, within about `everyMs` of the end
   * @returns ends the watch
   */
  watch(loginId: string, onEnded: (why: LoginEnd) => void): () => void
  stop(): void
}

/** One query for all logins that are watched, none where there are none. */
export function createLoginWatch(deps: {
  readonly devices: Pick<Devices, 'findEnded'>
  readonly everyMs: number
  readonly log: Pick<Logger, 'warn'>
}): LoginWatch {
  const watched = new Set<{ readonly loginId: string; readonly onEnded: (why: LoginEnd) => void }>()

  async function check(): Promise<void> {
    // As of now: the answer does not know of those who come while it is on its way.
    const asked = [...watched]
    if (asked.length === 0) return
    const ended = await deps.devices.findEnded(asked.map(({ loginId }) => loginId))
    for (const each of asked) {
      const why = ended.get(each.loginId)
      if (why && watched.delete(each)) each.onEnded(why)
    }
  }
  const timer = setInterval(() => {
    check().catch((error: unknown) => deps.log.warn({ err: error }, 'logins not checked'))
  }, deps.everyMs).unref()

  return {
    watch(loginId, onEnded) {
      const entry = { loginId, onEnded }
      watched.add(entry)
      return () => void watched.delete(entry)
    },
    stop: () => clearInterval(timer),
  }
}
