import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'

/**
 * Long-lived, opaque, single-use tokens. Each login on a device begins a family; using a token
 * gives its successor. A used token that comes again means that two parties hold it, and nobody
 * can tell which is the thief: the whole family ends (RFC 9700, 4.14.2). There is no grace for a
 * client that lost an answer: it logs in again.
 */
export interface RefreshTokens {
  /** Begins a family, within the caller's transaction. */
  begin(db: Db, userId: string, deviceName: string | undefined): Promise<string>
  /** @throws AppError `unauthenticated` for a token that is unknown, expired or used */
  rotate(token: string): Promise<{ readonly userId: string; readonly token: string }>
  /** Ends the token's family. Unknown tokens are ignored: the wish is fulfilled. */
  endFamily(token: string): Promise<void>
}

export const REFRESH_TOKEN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000
const TOKEN_BYTES = 32
/** Sets the locks of families apart from PostgreSQL's other advisory locks. Any number. */
const FAMILY_LOCKS = 1_178_684_748

export function createRefreshTokens(deps: {
  readonly prisma: PrismaClient
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
}): RefreshTokens {
  const { prisma, newId, now } = deps

  async function insert(
    db: Db,
    owner: { userId: string; familyId: string; deviceName: string | null },
  ): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const expiresAt = new Date(now() + REFRESH_TOKEN_LIFETIME_MS)
    await db.refreshToken.create({ data: { tokenHash: sha256(token), ...owner, expiresAt } })
    return token
  }

  /**
   * The token's row, once nobody else is changing its family. A statement does not see what
   * another transaction inserts meanwhile: without the turns, a family that ends while one of its
   * tokens is being used would live on in the successor.
   */
  async function lockFamily(db: Prisma.TransactionClient, tokenHash: string) {
    const row = await db.refreshToken.findUnique({ where: { tokenHash } })
    if (!row) return null
    await db.$executeRaw`SELECT pg_advisory_xact_lock(${FAMILY_LOCKS}::int, hashtext(${row.familyId}))`
    // Again: this is how those who went first have left it.
    return db.refreshToken.findUnique({ where: { tokenHash } })
  }

  return {
    async begin(db, userId, deviceName) {
      // Nothing is owed to expired tokens; the user's next login sweeps them out.
      await db.refreshToken.deleteMany({ where: { userId, expiresAt: { lte: new Date(now()) } } })
      return insert(db, { userId, familyId: newId('fam'), deviceName: deviceName ?? null })
    },

    async rotate(token) {
      const tokenHash = sha256(token)
      const rotated = await prisma.$transaction(async (db) => {
        const row = await lockFamily(db, tokenHash)
        if (!row) return undefined
        const { userId, familyId, deviceName } = row
        if (row.usedAt) {
          // Returned, not thrown: the end of the family must be committed.
          await db.refreshToken.deleteMany({ where: { familyId } })
          return undefined
        }
        const at = new Date(now())
        if (row.expiresAt <= at) return undefined
        await db.refreshToken.update({ where: { tokenHash }, data: { usedAt: at } })
        return { userId, token: await insert(db, { userId, familyId, deviceName }) }
      })
      if (!rotated) throw new AppError('unauthenticated', 'This login has ended. Log in again.')
      return rotated
    },

    async endFamily(token) {
      await prisma.$transaction(async (db) => {
        const row = await lockFamily(db, sha256(token))
        if (row) await db.refreshToken.deleteMany({ where: { familyId: row.familyId } })
      })
    },
  }
}

/** 256 random bits need no slow hash: there is nothing to guess. */
function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
