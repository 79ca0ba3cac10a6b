import { setImmediate as tick } from 'node:timers/promises'
import type { SpeechSession } from '@saywire/speech'
import type { Clock } from '../core/ports.ts'
import type { EntryBody, RecordedEntry } from './recording-format.ts'
import { createTimerNames } from './timer-names.ts'

/**
 * The order and the moments in which things reach a session. Between two inputs time stands still,
 * for the session as for its replay: the clock says the same whenever it is asked, and so do the
 * engines of the audio that waits. So nothing can depend on how fast this machine happened to be.
 */
export interface SessionLog {
  /** For the session: its time goes on with the next input; its timers are inputs. */
  readonly clock: Clock
  /**
   * Something is about to reach the session. Whoever answers a promise of the session's awaits
   * `turn` before, and answers at once after.
   */
  input(entry: EntryBody): void
  /**
   * Resolves when the session has dealt with the input before. A promise's answer takes its way
   * through the session in several steps, which those of another must not come between: a replay
   * hands over one at a time.
   */
  turn(): Promise<void>
  /** The session did something. */
  output(entry: EntryBody): void
  /** An engine's session, whose audio that waits is looked at with each input from now on. */
  watch(id: string, session: SpeechSession): void
  unwatch(id: string): void
  /** The session has written audio of this length. */
  wrote(id: string, durationMs: number): void
  /** Audio that waits, ms: what waited at the last input, and what was written since. */
  bufferedMs(id: string): number
  /** Asks for something on behalf of somebody else than the session, who gets it as it is now. */
  asItIs<Value>(ask: () => Value): Value
}

interface Watched {
  readonly session: SpeechSession
  /** As of the last input. */
  ms: number
  /** Written since, ms. */
  sinceMs: number
  /** As of the last entry. */
  writtenMs: number
}

export function createSessionLog(clock: Clock, write: (entry: RecordedEntry) => void): SessionLog {
  const beganMs = Math.round(clock.nowMs())
  const nameOf = createTimerNames()
  const watched = new Map<string, Watched>()
  let sinceMs = 0
  /** Nothing that follows from the last input has had its turn yet. */
  let isSameMoment = false
  let isAsItIs = false
  let dealtWith: Promise<void> = Promise.resolve()

  function refresh(): void {
    sinceMs = Math.max(sinceMs, Math.round(clock.nowMs()) - beganMs)
    for (const one of watched.values()) {
      one.ms = Math.round(one.session.bufferedMs)
      one.sinceMs = 0
    }
  }

  function add(entry: EntryBody, joined?: { readonly isJoined: true }): void {
    write({ ...entry, ms: sinceMs, ...joined, ...changes() })
  }

  function changes(): { readonly bufferedMs?: Record<string, number> } {
    const bufferedMs: Record<string, number> = {}
    let hasChanged = false
    for (const [id, one] of watched) {
      if (one.ms === one.writtenMs) continue
      hasChanged = true
      bufferedMs[id] = one.writtenMs = one.ms
    }
    return hasChanged ? { bufferedMs } : {}
  }

  function input(entry: EntryBody): void {
    refresh()
    add(entry, isSameMoment ? { isJoined: true } : undefined)
    dealtWith = tick()
    if (isSameMoment) return
    isSameMoment = true
    queueMicrotask(() => (isSameMoment = false))
  }

  async function turn(): Promise<void> {
    const before = dealtWith
    dealtWith = before.then(async () => tick())
    await before
  }

  return {
    clock: {
      nowMs: () => beganMs + sinceMs,
      after(delayMs, callback) {
        const timer = nameOf(delayMs)
        let isPending = true
        const cancel = clock.after(delayMs, () => {
          isPending = false
          input({ type: 'timer', timer })
          callback()
        })
        return () => {
          if (isPending) add({ type: 'timer-cancelled', timer })
          isPending = false
          cancel()
        }
      },
    },
    input,
    turn,
    output: (entry) => add(entry),
    watch: (id, session) => void watched.set(id, { session, ms: 0, sinceMs: 0, writtenMs: 0 }),
    unwatch: (id) => void watched.delete(id),
    wrote(id, durationMs) {
      const one = watched.get(id)
      if (one) one.sinceMs += durationMs
    },
    bufferedMs(id) {
      const one = watched.get(id)
      if (!one) return 0
      return isAsItIs ? one.session.bufferedMs : one.ms + one.sinceMs
    },
    asItIs(ask) {
      isAsItIs = true
      const value = ask()
      isAsItIs = false
      return value
    },
  }
}
