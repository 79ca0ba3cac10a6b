import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'

/** A transcription that is running on this server. */
export interface LiveSession {
  readonly sessionId: string
  readonly userId: string
  /** What transcribes, for people: `whisper base.en`. */
  readonly backend: string
  /** Epoch, ms. */
  readonly startedAtMs: number
  /** Audio handed to the backend so far, ms. */
  readonly usedMs: number
}

/** A user's live sessions at one moment. */
export interface LiveSnapshot {
  /** Names this state: equal ids, equal state. */
  readonly id: string
  readonly sessions: readonly LiveSession[]
}

/**
 * What is running on this server right now, for the people who watch their own sessions. The audio
 * path calls update() about once a second per session, never per frame.
 */
export interface LiveSessions {
  add(session: Pick<LiveSession, 'sessionId' | 'userId' | 'backend'>): void
  /** Unknown ids are ignored. */
  update(sessionId: string, usedMs: number): void
  remove(sessionId: string): void
  /**
   * The user's state now (unless it is the one that `seenId` names) and after every change, until
   * `signal` aborts. Each value is the whole state, so a slow or reconnecting watcher skips
   * states, but misses and doubles nothing.
   */
  watch(
    userId: string,
    seenId: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LiveSnapshot, void>
}

export function createLiveSessions(
  deps: {
    /** Tells this process's states from those of the one before it. */
    readonly bootId?: string
    /** Epoch, ms. */
    readonly now?: () => number
  } = {},
): LiveSessions {
  const { bootId = randomUUID(), now = Date.now } = deps
  const sessions = new Map<string, LiveSession>()
  /** Number of each user's latest change; users without one are at 0. */
  const versions = new Map<string, number>()
  const changes = new EventEmitter().setMaxListeners(0)
  let latestVersion = 0

  function changed(userId: string): void {
    latestVersion += 1
    versions.set(userId, latestVersion)
    changes.emit(userId)
  }

  function snapshot(userId: string): LiveSnapshot {
    return {
      id: `${bootId}:${versions.get(userId) ?? 0}`,
      sessions: [...sessions.values()].filter((session) => session.userId === userId),
    }
  }

  return {
    add(session) {
      sessions.set(session.sessionId, { ...session, startedAtMs: now(), usedMs: 0 })
      changed(session.userId)
    },
    update(sessionId, usedMs) {
      const session = sessions.get(sessionId)
      if (!session || session.usedMs === usedMs) return
      sessions.set(sessionId, { ...session, usedMs })
      changed(session.userId)
    },
    remove(sessionId) {
      const session = sessions.get(sessionId)
      if (!session) return
      sessions.delete(sessionId)
      changed(session.userId)
    },
    async *watch(userId, seenId, signal) {
      let lastId = seenId
      while (!signal.aborted) {
        const current = snapshot(userId)
        if (current.id === lastId) {
          // Nothing can change between the snapshot and the listener: no await lies between them.
          await once(changes, userId, { signal }).catch(() => undefined)
          continue
        }
        lastId = current.id
        yield current
      }
    },
  }
}
