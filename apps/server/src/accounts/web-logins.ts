import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Db } from '../database/database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import { hashOpaqueToken, newOpaqueToken } from '../opaque-token.ts'
import { LOGIN_LIFETIME_MS } from './login-lifetime.ts'

/**
 * Logins of browsers: one opaque token per login, in a cookie that no script can read. It is not
 * rotated, because a browser's tabs send it at the same time; it lasts 30 days from its last use.
 */
export interface WebLogins {
  /**
   * Begins a login, within the caller's transaction.
   * @returns the token, for the cookie
   */
  begin(db: Db, userId: string, deviceName: string | undefined): Promise<string>
  /** Whose token this is; undefined once the login has ended. Counts as a use. */
  find(token: string): Promise<WebLogin | undefined>
  /** Unknown tokens are ignored: the wish is fulfilled. */
  end(token: string): Promise<void>
  /**
   * What a page must send along with every change that it asks for by cookie. Another site's page
   * can make the browser send the cookie, at worst, but cannot read this.
   */
  csrfTokenOf(token: string): string
  /** In constant time. */
  isCsrfTokenOf(token: string, candidate: string): boolean
}

export interface WebLogin {
  readonly userId: string
  /** `fam_…` */
  readonly loginId: string
}

/** A use is written down at most this often: reading a page must not cost a write. */
const SEEN_INTERVAL_MS = 60 * 60 * 1000

export function createWebLogins(deps: {
  readonly prisma: PrismaClient
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
  /** The server's own; keys for CSRF tokens are derived from it. */
  readonly secret: string
}): WebLogins {
  const { prisma, newId, now } = deps
  const csrfKey = createHmac('sha256', deps.secret).update('saywire csrf').digest()

  function csrfTokenOf(token: string): string {
    return createHmac('sha256', csrfKey).update(token).digest('base64url')
  }

  return {
    async begin(db, userId, deviceName) {
      const token = newOpaqueToken()
      const at = new Date(now())
      await db.refreshToken.deleteMany({ where: { userId, expiresAt: { lte: at } } })
      await db.refreshToken.create({
        data: {
          tokenHash: hashOpaqueToken(token),
          kind: 'web',
          familyId: newId('fam'),
          userId,
          deviceName: deviceName ?? null,
          createdAt: at,
          lastSeenAt: at,
          expiresAt: new Date(now() + LOGIN_LIFETIME_MS),
        },
      })
      return token
    },

    async find(token) {
      const tokenHash = hashOpaqueToken(token)
      const row = await prisma.refreshToken.findUnique({ where: { tokenHash } })
      if (row?.kind !== 'web' || row.expiresAt.getTime() <= now()) return undefined
      if (now() - row.lastSeenAt.getTime() >= SEEN_INTERVAL_MS) {
        await prisma.refreshToken.updateMany({
          // One that was ended meanwhile stays ended.
          where: { tokenHash, expiresAt: { gt: new Date(now()) } },
          data: { lastSeenAt: new Date(now()), expiresAt: new Date(now() + LOGIN_LIFETIME_MS) },
        })
      }
      return { userId: row.userId, loginId: row.familyId }
    },

    async end(token) {
      await prisma.refreshToken.deleteMany({
        where: { tokenHash: hashOpaqueToken(token), kind: 'web' },
      })
    },

    csrfTokenOf,

    isCsrfTokenOf(token, candidate) {
      const expected = Buffer.from(csrfTokenOf(token))
      const given = Buffer.from(candidate)
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
  }
}
