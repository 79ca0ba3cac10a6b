import type { SpeechHealth } from '../speech/speech-health.ts'

/** What `GET /ready` tells: which part, if any, keeps this server from taking on work. */
export interface ReadyReport {
  /** `draining`: it was told to end. */
  readonly status: 'ready' | 'not_ready' | 'draining'
  readonly database: DatabaseHealth
  readonly speech: SpeechHealth
}

export type DatabaseHealth = 'connected' | 'disconnected'

/** Whether this server can take on work; asked by whoever sends it some, as often as they like. */
export interface Readiness {
  /** Bounded by the database's ping. Never rejects. */
  check(): Promise<ReadyReport>
  /** As last heard, for those who must not wait; where that is old, the database is asked anew. */
  readonly database: DatabaseHealth
  readonly isDraining: boolean
}

export interface ReadinessDeps {
  /** Answers within about a second. Never rejects. */
  readonly pingDatabase: () => Promise<boolean>
  readonly speechHealth: () => SpeechHealth
  readonly isDraining: () => boolean
  /** Monotonic clock, ms. */
  readonly now: () => number
}

/** An answer of the database is good for so long: a flood of questions costs one ping a second. */
const PING_FRESH_MS = 1000

/**
 * A server whose backend is full still counts as ready: its pages and accounts work, and clients
 * that want a session are told `busy`, with the time to come back. Where all servers are full,
 * taking them all away would help nobody.
 */
const USABLE: ReadonlySet<SpeechHealth> = new Set(['ok', 'full'])

export function createReadiness(deps: ReadinessDeps): Readiness {
  let isConnected = false
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    isConnected = await deps.pingDatabase()
    askedAtMs = deps.now()
    asking = undefined
  }

  async function refresh(): Promise<void> {
    if (deps.now() - askedAtMs < PING_FRESH_MS) return
    asking ??= ask()
    return asking
  }

  const health = (): DatabaseHealth => (isConnected ? 'connected' : 'disconnected')

  return {
    async check() {
      await refresh()
      const speech = deps.speechHealth()
      const isReady = isConnected && USABLE.has(speech)
      const status = deps.isDraining() ? 'draining' : isReady ? 'ready' : 'not_ready'
      return { status, database: health(), speech }
    },
    get database() {
      void refresh()
      return health()
    },
    get isDraining() {
      return deps.isDraining()
    },
  }
}
