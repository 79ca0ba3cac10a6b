import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import { hashOpaqueToken, newOpaqueToken } from '../opaque-token.ts'
import { accountBlocked, isBlocked } from './account-block.ts'
import { LOGIN_LIFETIME_MS } from './login-lifetime.ts'
import { lockLogins } from './login-lock.ts'

/**
 * Long-lived, opaque, single-use tokens. Each login on a device begins a family; using a token
 * gives its successor. A used token that comes again means that two parties hold it, and nobody
 * can tell which is the thief: the whole family ends (RFC 9700, 4.14.2). There is no grace for a
 * client that lost an answer: it logs in again. Browsers' tokens (web-logins.ts) are strangers here.
 */
export interface RefreshTokens {
  /** Begins a family, within the caller's transaction. */
  begin(db: Db, userId: string, deviceName: string | undefined): Promise<IssuedToken>
  /** @throws AppError `unauthenticated` for a token that is unknown, expired or used; `account_blocked` */
  rotate(token: string): Promise<IssuedToken & { readonly userId: string }>
  /** Ends the token's family. Unknown tokens are ignored: the wish is fulfilled. */
  endFamily(token: string): Promise<void>
}

export interface IssuedToken {
  readonly token: string
  /** Of the login, all through its renewals: `fam_…` */
  readonly loginId: string
}

export function createRefreshTokens(deps: {
  readonly prisma: PrismaClient
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
}): RefreshTokens {
  const { prisma, newId, now } = deps

  /** @param createdAt of the login, not of this token */
  async function insert(
    db: Db,
    login: { userId: string; familyId: string; deviceName: string | null; createdAt: Date },
  ): Promise<IssuedToken> {
    const token = newOpaqueToken()
    await db.refreshToken.create({
      data: {
        tokenHash: hashOpaqueToken(token),
        ...login,
        lastSeenAt: new Date(now()),
        expiresAt: new Date(now() + LOGIN_LIFETIME_MS),
      },
    })
    return { token, loginId: login.familyId }
  }

  /** The token's row, once nobody else is changing its user's logins. */
  async function lockRow(db: Db, tokenHash: string) {
    const where = { tokenHash, kind: 'app' }
    const row = await db.refreshToken.findUnique({ where })
    if (!row) return null
    await lockLogins(db, row.userId)
    // Again: this is how those who went first have left it.
    return db.refreshToken.findUnique({ where })
  }

  return {
    async begin(db, userId, deviceName) {
      // Nothing is owed to expired tokens; the user's next login sweeps them out.
      await db.refreshToken.deleteMany({ where: { userId, expiresAt: { lte: new Date(now()) } } })
      return insert(db, {
        userId,
        familyId: newId('fam'),
        deviceName: deviceName ?? null,
        createdAt: new Date(now()),
      })
    },

    async rotate(token) {
      const tokenHash = hashOpaqueToken(token)
      const rotated = await prisma.$transaction(async (db) => {
        const row = await lockRow(db, tokenHash)
        if (!row) return undefined
        const { userId, familyId, deviceName, createdAt } = row
        if (await isBlocked(db, userId)) throw accountBlocked()
        if (row.usedAt) {
          // Returned, not thrown: the end of the family must be committed.
          await db.refreshToken.deleteMany({ where: { familyId } })
          return undefined
        }
        const at = new Date(now())
        if (row.expiresAt <= at) return undefined
        await db.refreshToken.update({ where: { tokenHash }, data: { usedAt: at } })
        const successor = await insert(db, { userId, familyId, deviceName, createdAt })
        return { userId, ...successor }
      })
      if (!rotated) throw new AppError('unauthenticated', 'This login has ended. Log in again.')
      return rotated
    },

    async endFamily(token) {
      await prisma.$transaction(async (db) => {
        const row = await lockRow(db, hashOpaqueToken(token))
        if (row) await db.refreshToken.deleteMany({ where: { familyId: row.familyId } })
      })
    },
  }
}
