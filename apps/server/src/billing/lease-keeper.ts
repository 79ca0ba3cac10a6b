import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Metrics } from '../operations/metrics.ts'
import { createMetrics } from '../operations/metrics.ts'
import type { SessionOpening } from '../sessions/session-rows.ts'
import type { KeptLease, LeaseWatcher, LossReason } from './kept-lease.ts'
import type { LatestNote } from './latest-note.ts'
import { createLatestNote } from './latest-note.ts'
import type { LeaseResumed, ResumedLease, ResumeNote, ResumeRequest } from './lease-resume.ts'
import type { Beat, Cover, LeaseOpened, Leases, LeaseTerms, Progress } from './leases.ts'
import { createPulse } from './pulse.ts'
import { createSettlements } from './settlements.ts'
import { askUntilFree } from './until-free.ts'

/**
 * Keeps the leases of this process alive, so that the audio path never waits for the database: it
 * asks for the cover, which is a number in memory.
 */
export interface LeaseKeeper {
  /** Begins a session; see Leases. Rejects where the database is away. */
  open(
    opening: SessionOpening,
    takeOver?: string,
  ): Promise<
    | { readonly outcome: 'opened'; readonly lease: KeptLease }
    | Exclude<LeaseOpened, { readonly outcome: 'opened' }>
  >
  /** Goes on with a session; see Leases. Rejects where the database is away. */
  resume(
    request: ResumeRequest,
  ): Promise<
    | ({ readonly outcome: 'resumed'; readonly lease: KeptLease } & ResumedLease)
    | Exclude<LeaseResumed, { readonly outcome: 'resumed' }>
  >
  /** Begins heartbeats, and the settling of what other processes left behind. */
  start(): void
  /** Resolves when every session that ended is settled, also those that were put off. */
  settled(): Promise<void>
  /** What is not settled by now is left to other processes, or to the next start. */
  stop(): void
}

const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 5000
/** A lease that could not be confirmed for so many times its expiry is given up. */
const GIVE_UP_EXPIRIES = 2

interface Entry {
  readonly sessionId: string
  readonly userId: string
  audioMs: number
  progress: Progress | undefined
  coveredMs: number
  availableMs: number
  /** When the database was last asked, with success, whether the lease is ours. Monotonic, ms. */
  confirmedAtMs: number
  /** Set once the session is not this process's any more. */
  loss: LossReason | undefined
  ending: boolean
  /** Changes with every extension: a heartbeat that ran meanwhile proves nothing. */
  turn: number
  extending: Promise<void> | undefined
  watcher: LeaseWatcher | undefined
  readonly note: LatestNote<ResumeNote>
}

export function createLeaseKeeper(deps: {
  readonly leases: Leases
  readonly terms: LeaseTerms
  /** Between heartbeats, ms. */
  readonly flushMs: number
  /** Monotonic clock, ms. */
  readonly now: () => number
  readonly log: Logger
  /** Default: nobody reads them. */
  readonly metrics?: Metrics
}): LeaseKeeper {
  const { leases, terms, now, log, metrics = createMetrics() } = deps
  const entries = new Map<string, Entry>()
  const settlements = createSettlements({ leases, log, now, metrics })
  metrics.watch('saywire_leases', () => entries.size)
  /** After an outage every process gets the time of one expiry to say that it still lives. */
  let reapNotBeforeMs = now()
  const pulse = createPulse({
    everyMs: deps.flushMs,
    // Its leases' last heartbeat is up to one interval older than its sleep.
    frozenMs: Math.max(deps.flushMs, terms.staleMs - deps.flushMs),
    now,
    beat: beatOnce,
    reap,
  })

  const isFresh = (entry: Entry): boolean =>
    // First of all, so that waking up is noticed before the database is asked.
    entry.confirmedAtMs >= pulse.wokenAtMs() &&
    !entry.loss &&
    now() - entry.confirmedAtMs < terms.expiryMs
  const isHopeless = (entry: Entry): boolean =>
    now() - entry.confirmedAtMs > GIVE_UP_EXPIRIES * terms.expiryMs

  function lose(entry: Entry, reason: LossReason = 'lease_lost'): void {
    if (entry.loss) return
    entry.loss = reason
    entry.turn += 1
    if (!entry.ending) entry.watcher?.onLost(reason)
  }

  /** One heartbeat for all. */
  async function beatOnce(): Promise<void> {
    const askedAtMs = now()
    const asked = [...entries.values()].map((entry) => {
      if (!entry.ending) entry.progress = entry.watcher?.progress?.() ?? entry.progress
      return { entry, turn: entry.turn }
    })
    let beats: readonly Beat[]
    try {
      beats = await leases.beat(asked.map(({ entry }) => entry))
    } catch (error) {
      metrics.count('saywire_heartbeat_failures_total')
      if (now() >= reapNotBeforeMs) log.error({ err: error }, 'heartbeat failed')
      reapNotBeforeMs = now() + terms.expiryMs
      return
    }
    metrics.observe('saywire_heartbeat_seconds', now() - askedAtMs)
    const bySession = new Map(beats.map((answer) => [answer.sessionId, answer]))
    for (const { entry, turn } of asked) {
      const answer = bySession.get(entry.sessionId)
      if (answer) {
        entry.confirmedAtMs = Math.max(entry.confirmedAtMs, askedAtMs)
        entry.availableMs = answer.availableMs
        entry.note.retry()
        if (answer.takenOver) lose(entry, answer.stopReason)
        else if (!entry.ending) entry.watcher?.onUnspent(answer.unspentMs)
      } else if (entry.turn === turn && !entry.extending && !entry.ending) lose(entry)
    }
  }

  /** Only a resume on another process needs it: what fails is tried again with the next heartbeat. */
  async function writeNote(sessionId: string, note: ResumeNote): Promise<boolean> {
    try {
      await leases.note(sessionId, note)
      return true
    } catch (error) {
      log.warn({ err: error, session_id: sessionId }, 'resume token could not be written down yet')
      return false
    }
  }

  async function reap(): Promise<void> {
    if (now() < reapNotBeforeMs) return
    try {
      const count = await leases.reap()
      if (count > 0) log.warn({ count }, 'settled the leases of a server that is gone')
    } catch (error) {
      log.error({ err: error }, 'expired leases could not be settled')
    }
  }

  /** One answer of the database, where need be when it is back. */
  async function extend(entry: Entry): Promise<void> {
    for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
      if (entry.ending || entry.loss) return
      if (isHopeless(entry)) return lose(entry)
      const askedAtMs = now()
      entry.turn += 1
      entry.progress = entry.watcher?.progress?.() ?? entry.progress
      try {
        const answer = await leases.extend(entry)
        entry.turn += 1
        if (answer.outcome === 'lost') return lose(entry, answer.stopReason)
        entry.confirmedAtMs = Math.max(entry.confirmedAtMs, askedAtMs)
        entry.coveredMs = Math.max(entry.coveredMs, answer.coveredMs)
        entry.availableMs = answer.availableMs
        return
      } catch (error) {
        log.error({ err: error, session_id: entry.sessionId }, 'lease could not be extended yet')
      }
      await sleep(waitMs)
    }
  }

  async function extendOnce(entry: Entry): Promise<void> {
    entry.extending ??= extend(entry).finally(() => {
      entry.extending = undefined
    })
    return entry.extending
  }

  async function coverBeyond(entry: Entry, audioMs: number): Promise<'covered' | 'dry' | 'lost'> {
    while (!entry.ending) {
      await extendOnce(entry)
      if (entry.loss) return 'lost'
      if (isFresh(entry)) {
        if (entry.coveredMs > audioMs) return 'covered'
        if (entry.availableMs === 0) return 'dry'
      }
      // As far ahead as a lease may be: what the backend still has to take must leave first.
      await sleep(RETRY_MIN_MS)
    }
    return 'dry'
  }

  function keep(entry: Entry): KeptLease {
    const { sessionId, userId } = entry
    return {
      sessionId,
      coveredMs: () => (isFresh(entry) ? entry.coveredMs : 0),
      forwarded(audioMs) {
        entry.audioMs = audioMs
        const isLow = entry.coveredMs - audioMs < terms.leaseMs / 2
        if (isLow && entry.availableMs > 0 && !entry.extending && !entry.loss) {
          void extendOnce(entry)
        }
      },
      extend: async (beyondMs) => coverBeyond(entry, beyondMs),
      async settle(end) {
        entry.ending = true
        // One on its way might otherwise begin a lease after this one has ended.
        await entry.extending
        entry.audioMs = end.audioMs
        entry.progress = end.progress
        return settlements.settle({ ...end, sessionId, userId }, () => entries.delete(sessionId))
      },
      note: entry.note.set,
      async amend(amendment) {
        try {
          await leases.amend({ ...amendment, sessionId, userId })
        } catch (error) {
          log.error({ err: error, session_id: sessionId }, 'settled session could not be amended')
        }
      },
      watch(watcher) {
        entry.watcher = watcher
        if (entry.loss) watcher.onLost(entry.loss)
      },
    }
  }

  function begin(
    opened: Pick<Entry, 'sessionId' | 'userId' | 'audioMs' | 'progress'> & Cover,
    askedAtMs: number,
  ): KeptLease {
    const { sessionId, userId, audioMs, progress, coveredMs, availableMs } = opened
    const entry: Entry = {
      sessionId,
      userId,
      audioMs,
      progress,
      coveredMs,
      availableMs,
      confirmedAtMs: askedAtMs,
      loss: undefined,
      ending: false,
      turn: 0,
      extending: undefined,
      watcher: undefined,
      note: createLatestNote(async (note) => writeNote(sessionId, note)),
    }
    entries.set(sessionId, entry)
    return keep(entry)
  }

  return {
    async open(opening, takeOver) {
      const ask = async () => leases.open(opening, takeOver)
      const { answer, askedAtMs } = await askUntilFree(ask, deps)
      if (answer.outcome !== 'opened') return answer
      const { userId } = opening
      const lease = begin({ ...answer, userId, audioMs: 0, progress: undefined }, askedAtMs)
      return { outcome: 'opened', lease }
    },
    async resume(request) {
      const { userId, sessionId } = request
      const ask = async (): Promise<LeaseResumed> =>
        // Its end here, should it have to be repeated, must not meet the new lease.
        entries.get(sessionId)?.ending ? { outcome: 'taking_over' } : leases.resume(request)
      const { answer, askedAtMs } = await askUntilFree(ask, deps)
      if (answer.outcome !== 'resumed') return answer
      const { billedMs, progress } = answer
      const lease = begin({ ...answer, userId, audioMs: billedMs, progress }, askedAtMs)
      return { ...answer, lease }
    },
    start: pulse.start,
    settled: settlements.settled,
    stop() {
      settlements.stop()
      pulse.stop()
    },
  }
}
