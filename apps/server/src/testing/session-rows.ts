import { randomUUID } from 'node:crypto'
import type { TestDatabase } from './test-database.ts'

/** Rows as the audio path leaves them, without the audio. */
export interface SessionRows {
  /** @returns the user's id */
  addUser(creditMs?: number): Promise<string>
  /** @returns the session's id */
  addSession(
    userId: string,
    row: { startedAt: Date; usedMs?: number; model?: string },
  ): Promise<string>
  /** What a settled lease books, or (above 0) what a failure credits back. */
  book(userId: string, sessionId: string, deltaMs: number, recordedAt: Date): Promise<void>
  /** Holds `grantedMs` for a running session. */
  addLease(
    userId: string,
    sessionId: string,
    lease: { startMs: number; grantedMs: number },
  ): Promise<void>
  addCredit(userId: string, amountMs: number): Promise<void>
  /** A heartbeat. */
  useLease(sessionId: string, usedMs: number): Promise<void>
}

export function sessionRows(database: Pick<TestDatabase, 'query'>): SessionRows {
  return {
    async addUser(creditMs = 0) {
      const id = `usr_${randomUUID()}`
      await database.query('INSERT INTO users (id, email, password_hash) VALUES ($1, $2, $3)', [
        id,
        `${id}@example.org`,
        'none',
      ])
      await database.query('INSERT INTO credit_balance (user_id, available_ms) VALUES ($1, $2)', [
        id,
        creditMs,
      ])
      return id
    },
    async addSession(userId, { startedAt, usedMs, model }) {
      const id = `ses_${randomUUID()}`
      await database.query(
        `INSERT INTO transcription_sessions
           (id, user_id, mode, backend, model, started_at, ended_at, status, end_reason)
         VALUES ($1, $2, 'managed', 'whisper', $3, $4, $5, $6, $7)`,
        usedMs === undefined
          ? [id, userId, model, startedAt, null, 'active', null]
          : [
              id,
              userId,
              model,
              startedAt,
              new Date(startedAt.getTime() + 2 * usedMs),
              'completed',
              'stopped',
            ],
      )
      if (usedMs) await this.book(userId, id, -usedMs, startedAt)
      return id
    },
    async book(userId, sessionId, deltaMs, recordedAt) {
      const kind = deltaMs < 0 ? 'session_usage' : 'upstream_failure_credit'
      const ref = randomUUID()
      await database.query(
        `INSERT INTO usage_ledger (id, user_id, session_id, kind, delta_ms, ref, description, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $1, 'test', $6)`,
        [ref, userId, sessionId, kind, deltaMs, recordedAt],
      )
    },
    async addLease(userId, sessionId, { startMs, grantedMs }) {
      await database.query(
        `WITH held AS (
           UPDATE credit_balance SET available_ms = available_ms - $4, held_ms = held_ms + $4
           WHERE user_id = $2
         )
         INSERT INTO leases (session_id, seq, user_id, instance, start_ms, granted_ms, expires_at)
         VALUES ($1, 0, $2, 'srv_test', $3, $4, now() + interval '1 hour')`,
        [sessionId, userId, startMs, grantedMs],
      )
    },
    async addCredit(userId, amountMs) {
      await database.query(
        'UPDATE credit_balance SET available_ms = available_ms + $2 WHERE user_id = $1',
        [userId, amountMs],
      )
    },
    async useLease(sessionId, usedMs) {
      await database.query('UPDATE leases SET used_ms = $2 WHERE session_id = $1', [
        sessionId,
        usedMs,
      ])
    },
  }
}
