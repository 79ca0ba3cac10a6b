import type { Db } from '../database/database.ts'

/** Sets these locks apart from PostgreSQL's other advisory locks. Any number. */
const LOGIN_LOCKS = 1_178_684_748

/**
 * Takes turns at one user's logins, until the transaction ends. A statement does not see what
 * another transaction inserts meanwhile: without the turns, a login that is ended while its token
 * is being exchanged would live on in the successor.
 */
export async function lockLogins(db: Db, userId: string): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(${LOGIN_LOCKS}::int, hashtext(${userId}))`
}
