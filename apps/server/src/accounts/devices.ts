import { AppError } from '../app-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { lockLogins } from './login-lock.ts'

/** One login that can still be used: a program's, or a browser's. */
export interface Device {
  /** `fam_…` */
  readonly id: string
  readonly name: string | null
  readonly kind: 'app' | 'web'
  readonly createdAt: Date
  readonly lastSeenAt: Date
}

/** Why a login is over: merely so, or because its user is blocked. */
export type LoginEnd = 'unauthenticated' | 'account_blocked'

/** Where a user is logged in. A login that ends here cannot be renewed from that moment on. */
export interface Devices {
  /** The newest first. */
  list(userId: string): Promise<readonly Device[]>
  /** Which of these logins, anybody's, are over. Counts as no use; one query for all of them. */
  findEnded(ids: readonly string[]): Promise<ReadonlyMap<string, LoginEnd>>
  /** @throws AppError `not_found` where the user has no such login */
  end(userId: string, id: string): Promise<void>
  /** @returns how many have ended */
  endAll(userId: string): Promise<number>
}

export function createDevices(deps: {
  readonly prisma: PrismaClient
  /** Epoch, ms. */
  readonly now: () => number
}): Devices {
  const { prisma } = deps
  /** Of a program's tokens, the one that has not been exchanged yet stands for the login. */
  const living = () => ({ usedAt: null, expiresAt: { gt: new Date(deps.now()) } })

  return {
    async list(userId) {
      const rows = await prisma.refreshToken.findMany({
        where: { userId, ...living() },
        orderBy: [{ createdAt: 'desc' }, { familyId: 'desc' }],
      })
      return rows.map(({ familyId, deviceName, kind, createdAt, lastSeenAt }) => ({
        id: familyId,
        name: deviceName,
        kind: kind === 'web' ? 'web' : 'app',
        createdAt,
        lastSeenAt,
      }))
    },

    async findEnded(ids) {
      const rows = await prisma.refreshToken.findMany({
        where: {
          familyId: { in: [...ids] },
          OR: [living(), { user: { blockedAt: { not: null } } }],
        },
        select: { familyId: true, user: { select: { blockedAt: true } } },
      })
      const ended = new Map<string, LoginEnd>(ids.map((id) => [id, 'unauthenticated']))
      for (const { familyId, user } of rows) {
        if (user.blockedAt) ended.set(familyId, 'account_blocked')
        else ended.delete(familyId)
      }
      return ended
    },

    async end(userId, id) {
      const { count } = await prisma.$transaction(async (db) => {
        await lockLogins(db, userId)
        return db.refreshToken.deleteMany({ where: { userId, familyId: id } })
      })
      if (count === 0) {
        throw new AppError('not_found', 'This device is not logged in any more. Reload the list.')
      }
    },

    async endAll(userId) {
      return prisma.$transaction(async (db) => {
        await lockLogins(db, userId)
        const ended = await db.refreshToken.count({ where: { userId, ...living() } })
        await db.refreshToken.deleteMany({ where: { userId } })
        return ended
      })
    },
  }
}
