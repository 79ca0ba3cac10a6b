import type { SessionEndReason } from '@saywire/protocol'
import type { Ledger } from '../billing/ledger.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'

export interface SessionOpening {
  readonly userId: string
  readonly mode: 'managed'
  /** Short name of what transcribes: `deepgram`, `whisper`. */
  readonly backend: string
  /** As the client asked; null: the backend's default. */
  readonly model: string | null
  readonly language: string | null
}

export type SessionOpened =
  | { readonly outcome: 'opened'; readonly sessionId: string; readonly availableMs: number }
  | { readonly outcome: 'insufficient_credits' }

/** The rows of transcription sessions, and what they cost. */
export interface SessionStore {
  /** Refused at a balance of 0. */
  open(opening: SessionOpening): Promise<SessionOpened>
  /**
   * Ends the session and charges what it used, at most what is left. Idempotent: the first end
   * holds. An unknown id is ignored.
   * @param end.usedMs audio handed to the backend, whole ms
   */
  close(
    sessionId: string,
    end: { readonly usedMs: number; readonly reason: SessionEndReason },
  ): Promise<void>
  /**
   * Ends, free of charge, what a crash left active. Only for a server that has the database to
   * itself: another one's live sessions look the same.
   * @returns how many there were
   */
  closeAbandoned(): Promise<number>
}

/** Ends that the user brought about; all others cut the session short. */
const COMPLETED: ReadonlySet<SessionEndReason> = new Set(['stopped', 'idle', 'client_gone'])

export function createSessionStore(deps: {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
}): SessionStore {
  const { prisma, ledger, newId, now } = deps

  return {
    async open(opening) {
      const availableMs = await ledger.availableMs(prisma, opening.userId)
      if (availableMs === 0) return { outcome: 'insufficient_credits' }
      const id = newId('ses')
      await prisma.transcriptionSession.create({
        data: { id, ...opening, startedAt: new Date(now()) },
      })
      return { outcome: 'opened', sessionId: id, availableMs }
    },

    async close(sessionId, { usedMs, reason }) {
      await prisma.$transaction(async (db) => {
        const { count } = await db.transcriptionSession.updateMany({
          where: { id: sessionId, status: 'active' },
          data: {
            usedMs,
            endReason: reason,
            endedAt: new Date(now()),
            status: COMPLETED.has(reason) ? 'completed' : 'terminated',
          },
        })
        if (count === 0 || usedMs === 0) return
        const { userId, backend } = await db.transcriptionSession.findUniqueOrThrow({
          where: { id: sessionId },
        })
        await ledger.charge(db, {
          userId,
          sessionId,
          kind: 'session_usage',
          wantedMs: usedMs,
          ref: `session:${sessionId}`,
          description: `Captions by ${backend}`,
        })
      })
    },

    async closeAbandoned() {
      const { count } = await prisma.transcriptionSession.updateMany({
        where: { status: 'active' },
        data: { status: 'terminated', endReason: 'internal', endedAt: new Date(now()) },
      })
      return count
    },
  }
}
