import type { Amendment, ResumeNote } from './lease-resume.ts'
import type { Progress, SessionEnd, StopReason } from './leases.ts'

/** One session's cover. Positions are ms of the session's audio, counted from its start. */
export interface KeptLease {
  readonly sessionId: string
  /**
   * Audio may be forwarded up to here. 0 while this process cannot know that the lease is still its
   * own: it was frozen, or the database has been away for too long.
   */
  coveredMs(): number
  /** Tells how far the audio has been forwarded; near the end of the cover more is asked for. */
  forwarded(audioMs: number): void
  /**
   * Asks for cover beyond this position, where need be until the database answers.
   * @returns `dry`: there is no credit left; `lost`: the session is another's now, or given up
   */
  extend(beyondMs: number): Promise<'covered' | 'dry' | 'lost'>
  /**
   * Ends the session in the books. Where the database is away it is put off, not forgotten.
   * @returns `lost`: another process has ended it at its last heartbeat
   */
  settle(end: Omit<SessionEnd, 'sessionId' | 'userId'>): Promise<'settled' | 'postponed' | 'lost'>
  /**
   * Writes down whether the client is away and which token it holds, for other processes; the
   * newest where several come at once. Never rejects.
   */
  note(note: ResumeNote): Promise<void>
  /** What became known only after the session was settled. Never rejects. */
  amend(amendment: Pick<Amendment, 'receipt' | 'goodMs'>): Promise<void>
  /** At most one watcher; `onLost` at most once. */
  watch(watcher: LeaseWatcher): void
}

/** `lease_lost`: the session is not this process's any more, or goes on elsewhere. */
export type LossReason = 'lease_lost' | StopReason

export interface LeaseWatcher {
  /** Not another byte: the session has gone elsewhere, or is to end. */
  readonly onLost: (reason: LossReason) => void
  /** What the user has left in all, ms; after each heartbeat. */
  readonly onUnspent: (unspentMs: number) => void
  /** How far the session has come, for whoever goes on with it. */
  readonly progress?: () => Progress
}
