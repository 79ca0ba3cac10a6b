import type { SessionEndReason } from '@saywire/protocol'
import type { Db } from '../database/database.ts'

/** What a transcription session is, known when it opens. */
export interface SessionOpening {
  readonly userId: string
  readonly mode: 'managed'
  /** Short name of what transcribes: `deepgram`, `whisper`. */
  readonly backend: string
  /** As the client asked; null: the backend's default. */
  readonly model: string | null
  readonly language: string | null
}

/** The speech provider's own account of a session. */
export interface ProviderReceipt {
  /** What it heard and bills, ms. */
  readonly audioMs: number
  /** Its name for the session, to be quoted in questions; of several, the last. */
  readonly requestId: string | null
}

/** Ends that the user brought about; all others cut the session short. */
const COMPLETED: ReadonlySet<SessionEndReason> = new Set(['stopped', 'idle', 'client_gone'])

/** Begins the session's row, within the caller's transaction. */
export async function insertSessionRow(
  db: Db,
  sessionId: string,
  opening: SessionOpening,
): Promise<void> {
  await db.transcriptionSession.create({ data: { id: sessionId, ...opening } })
}

/**
 * Ends it, within the caller's transaction; a row that has ended stays as it is.
 * @param end.usedMs audio handed to the backend, whole ms
 */
export async function endSessionRow(
  db: Db,
  sessionId: string,
  end: {
    readonly usedMs: number
    readonly reason: SessionEndReason
    readonly receipt?: ProviderReceipt | undefined
  },
): Promise<void> {
  await db.transcriptionSession.updateMany({
    where: { id: sessionId, status: 'active' },
    data: {
      usedMs: end.usedMs,
      endReason: end.reason,
      endedAt: new Date(),
      providerAudioMs: end.receipt?.audioMs ?? null,
      providerRequestId: end.receipt?.requestId ?? null,
      status: COMPLETED.has(end.reason) ? 'completed' : 'terminated',
    },
  })
}
