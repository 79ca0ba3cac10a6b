import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
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

  return {
    async begin(db, userId, deviceName) {
      // Nothing is owed to expired tokens; the user's next login sweeps them out.
      await db.refreshToken.deleteMany({ where: { userId, expiresAt: { lte: new Date(now()) } } })
      return insert(db, { userId, familyId: newId('fam'), deviceName: deviceName ?? null })
    },

    async rotate(token) {
      const tokenHash = sha256(token)
      const rotated = await prisma.$transaction(async (db) => {
        const at = new Date(now())
        // One statement decides: of two uses at once exactly one finds the token unused.
        const { count } = await db.refreshToken.updateMany({
          where: { tokenHash, usedAt: null, expiresAt: { gt: at } },
          data: { usedAt: at },
        })
        const row = await db.refreshToken.findUnique({ where: { tokenHash } })
        if (!row) return undefined
        if (count === 0) {
          // Returned, not thrown: the end of the family must be committed.
          if (row.usedAt) await db.refreshToken.deleteMany({ where: { familyId: row.familyId } })
          return undefined
        }
        const { userId, familyId, deviceName } = row
        return { userId, token: await insert(db, { userId, familyId, deviceName }) }
      })
      if (!rotated) throw new AppError('unauthenticated', 'This login has ended. Log in again.')
      return rotated
    },

    async endFamily(token) {
      const row = await prisma.refreshToken.findUnique({ where: { tokenHash: sha256(token) } })
      if (row) await prisma.refreshToken.deleteMany({ where: { familyId: row.familyId } })
    },
  }
}

/** 256 random bits need no slow hash: there is nothing to guess. */
function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
