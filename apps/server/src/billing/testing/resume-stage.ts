import { createHash, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { TestDatabase } from '../../testing/test-database.ts'
import { createTestDatabase } from '../../testing/test-database.ts'
import type { TestServices } from '../../testing/test-services.ts'
import { createTestServices } from '../../testing/test-services.ts'
import { unbalancedUsers } from '../../testing/unbalanced-users.ts'
import type { ResumeRequest } from '../lease-resume.ts'
import type { Leases } from '../leases.ts'

export const RESUME_WINDOW_MS = 60_000
export const hash = (token: string): string => createHash('sha256').update(token).digest('hex')

/** By this user, for this session, with this token. */
export const request = (userId: string, sessionId: string, token = 'first'): ResumeRequest => ({
  userId,
  sessionId,
  tokenHash: hash(token),
  nextTokenHash: hash('second'),
  windowMs: RESUME_WINDOW_MS,
  replayFreeShare: 0.25,
})

/**
 * Sets a test file up with a database of its own, in which the books balance after every test, and
 * with users and sessions that can be resumed.
 */
export function setResumeStage() {
  let database: TestDatabase
  let services: TestServices
  beforeAll(async () => {
    database = await createTestDatabase()
    services = createTestServices(database)
  })
  afterAll(async () => database.drop())
  afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

  async function grant(userId: string, amountMs: number): Promise<void> {
    const ref = randomUUID()
    const entry = { userId, amountMs, kind: 'starting_credit', ref, description: 'test' } as const
    await database.prisma.$transaction(async (db) => services.ledger.grant(db, entry))
  }

  return {
    get prisma() {
      return database.prisma
    },
    grant,
    /** Of one more server process. */
    newLeases: (): Leases => services.newLeases(),
    async newUser(creditMs = 600_000): Promise<string> {
      const email = `${randomUUID()}@example.org`
      const { user } = await services.accounts.register({ email, password: 'correct horse' })
      await grant(user.id, creditMs)
      return user.id
    },
    /** A session whose client holds the token `first`, of which 5 s are on the books. */
    async startSession(leases: Leases, userId: string): Promise<string> {
      const opened = await leases.open({
        userId,
        mode: 'managed',
        backend: 'whisper',
        model: null,
        language: null,
        resumeTokenHash: hash('first'),
      })
      if (opened.outcome !== 'opened') throw new Error(opened.outcome)
      const { sessionId } = opened
      const progress = { heardMs: 5000, horizonMs: 4000, replayedMs: 0 }
      await leases.beat([{ sessionId, userId, audioMs: 5000, progress }])
      return sessionId
    },
    row: async (id: string) =>
      database.prisma.transcriptionSession.findUniqueOrThrow({ where: { id } }),
    /** As if the last heartbeat had been so long ago. */
    silence: async (sessionId: string, agoMs: number): Promise<unknown> =>
      database.query(
        `UPDATE leases SET expires_at = now() + ($2::float8 - $3::float8) * interval '1 ms'
         WHERE session_id = $1 AND state = 'active'`,
        [sessionId, 15_000, agoMs],
      ),
  }
}
