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
  /** Of the token that opens the session again; default: it is not to be resumed. */
  readonly resumeTokenHash?: string
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

/**
 * Ends after which the client may go on: those that were none of its making; and those in which it
 * took part, since nobody knows whether its last words reached it. Who resumes a session whose lease
 * was lost is the one that it was lost to, or has outlived its server.
 */
const RESUMABLE: ReadonlySet<SessionEndReason> = new Set([
  ...COMPLETED,
  'server_draining',
  'upstream_lost',
  'busy',
  'internal',
  'lease_lost',
])

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
 * @param end.cutAt since when the client cannot go on, where nothing else is known; default: now
 */
export async function endSessionRow(
  db: Db,
  sessionId: string,
  end: {
    readonly usedMs: number
    readonly reason: SessionEndReason
    readonly receipt?: ProviderReceipt | undefined
    readonly cutAt?: Date | undefined
  },
): Promise<void> {
  const status = COMPLETED.has(end.reason) ? 'completed' : 'terminated'
  const isResumable = RESUMABLE.has(end.reason)
  await db.$executeRaw`
    UPDATE "transcription_sessions" SET
      "used_ms" = ${BigInt(end.usedMs)}, "end_reason" = ${end.reason}, "status" = ${status},
      "ended_at" = clock_timestamp(),
      "resume_token_hash" = CASE WHEN ${isResumable} THEN "resume_token_hash" END,
      "resume_token_hash_before" = CASE WHEN ${isResumable} THEN "resume_token_hash_before" END,
      "cut_at" = CASE WHEN ${isResumable} AND "resume_token_hash" IS NOT NULL
        THEN coalesce("cut_at", ${end.cutAt ?? null}::timestamptz, clock_timestamp()) END
    WHERE "id" = ${sessionId} AND "status" = 'active'`
  if (end.receipt) await addReceipt(db, sessionId, end.receipt)
}

/** A session that is resumed may have several: they add up. */
export async function addReceipt(
  db: Db,
  sessionId: string,
  { audioMs, requestId }: ProviderReceipt,
): Promise<void> {
  await db.$executeRaw`
    UPDATE "transcription_sessions" SET
      "provider_audio_ms" = coalesce("provider_audio_ms", 0) + ${BigInt(Math.round(audioMs))},
      "provider_request_id" = ${requestId}
    WHERE "id" = ${sessionId}`
}

/** It goes on: the row is as if it had never ended. */
export async function reopenSessionRow(
  db: Db,
  sessionId: string,
  resumeTokenHash: string,
  resumeTokenHashBefore: string,
): Promise<void> {
  await db.$executeRaw`
    UPDATE "transcription_sessions" SET
      "status" = 'active', "ended_at" = NULL, "end_reason" = NULL, "cut_at" = NULL,
      "resume_token_hash" = ${resumeTokenHash},
      "resume_token_hash_before" = ${resumeTokenHashBefore}
    WHERE "id" = ${sessionId}`
}

/** It is over for good: another one began in its place. */
export async function forbidResume(db: Db, userId: string, sessionId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "transcription_sessions" SET
      "cut_at" = NULL, "resume_token_hash" = NULL, "resume_token_hash_before" = NULL
    WHERE "id" = ${sessionId} AND "user_id" = ${userId}`
}
