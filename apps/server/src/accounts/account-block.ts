import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'

/** Blocked users can neither log in nor caption. Both ask, under the lock that blocking takes, too. */
export async function isBlocked(db: Db, userId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "users" WHERE "id" = ${userId} AND "blocked_at" IS NOT NULL`
  return rows.length > 0
}

/**
 * Ends every login of a user whose logins are locked, browsers' too. The tokens stay known as long as
 * they would have lived: an app that shows one is told of the block, and not merely to log in again.
 * @returns how many logins have ended
 */
export async function expireLogins(db: Db, userId: string, at: Date): Promise<number> {
  const living = await db.refreshToken.count({
    where: { userId, usedAt: null, expiresAt: { gt: at } },
  })
  await db.refreshToken.updateMany({
    where: { userId, expiresAt: { gt: at } },
    data: { expiresAt: at },
  })
  return living
}

export function accountBlocked(): AppError {
  return new AppError(
    'account_blocked',
    'This account is blocked. Ask who runs this server why, and how to go on.',
  )
}
