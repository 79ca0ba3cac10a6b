import { expireLogins } from '../accounts/account-block.ts'
import { lockLogins } from '../accounts/login-lock.ts'
import { AppError } from '../app-error.ts'
import type { LeaseRows } from '../billing/lease-rows.ts'
import type { Ledger } from '../billing/ledger.ts'
import type { Db } from '../database/database.ts'
import type { User } from '../generated/prisma/client.ts'
import type { Actor } from './admin-actor.ts'
import type { AdminChanges } from './admin-changes.ts'
import { stopSessions } from './live-sessions.ts'
import type { UserRole } from './user-directory.ts'

interface AccessWish {
  readonly userId: string
  readonly reason: string
  /** Also where no administrator is left then. Only the command line can make a new one. */
  readonly allowLast?: boolean
}

/** What a block has ended. */
export interface Blocked {
  readonly outcome: 'blocked' | 'already_blocked'
  readonly endedLogins: number
  /** Asked to end: within a heartbeat or two. */
  readonly stoppedSessions: number
}

interface Unblocked {
  readonly outcome: 'unblocked' | 'not_blocked'
}
interface RoleSet {
  readonly outcome: 'changed' | 'unchanged'
}

/** Who may use the server, and who may administer it. */
export interface UserAccess {
  /**
   * No login and no session any more: those that there are end.
   * @throws AppError `forbidden` for oneself, `bad_request` for the last administrator, `not_found`
   */
  block(actor: Actor, wish: AccessWish): Promise<Blocked>
  /**
   * The user may log in again; nothing that has ended comes back.
   * @throws AppError `forbidden`, `not_found`
   */
  unblock(actor: Actor, wish: Omit<AccessWish, 'allowLast'>): Promise<Unblocked>
  /**
   * @throws AppError `forbidden` for one's own, `bad_request` for the last administrator's and for
   * making one of a blocked user, `not_found`
   */
  setRole(actor: Actor, wish: AccessWish & { readonly role: UserRole }): Promise<RoleSet>
}

export function createUserAccess(deps: {
  readonly ledger: Pick<Ledger, 'lock'>
  readonly rows: Pick<LeaseRows, 'takeOver'>
  readonly changes: AdminChanges
  /** Epoch, ms. */
  readonly now: () => number
}): UserAccess {
  const { ledger, rows, changes, now } = deps

  return {
    async block(actor, { userId, reason, allowLast = false }) {
      return changes.make<Blocked>(actor, async (db) => {
        if (isSelf(actor, userId)) {
          throw new AppError('forbidden', 'You cannot block yourself: ask another administrator.')
        }
        const user = await find(db, userId)
        if (user.blockedAt) {
          return { result: { outcome: 'already_blocked', endedLogins: 0, stoppedSessions: 0 } }
        }
        if (!allowLast) await keepAnAdmin(db, user)
        // Sessions are opened under the first of these locks, and logins under the second.
        await ledger.lock(db, userId)
        await lockLogins(db, userId)
        const at = new Date(now())
        await db.user.update({ where: { id: userId }, data: { blockedAt: at } })
        const endedLogins = await expireLogins(db, userId, at)
        const leases = await db.lease.findMany({ where: { userId, state: 'active' } })
        const ids = leases.map(({ sessionId }) => sessionId)
        await stopSessions(db, rows, userId, ids, 'account_blocked')
        return {
          result: { outcome: 'blocked', endedLogins, stoppedSessions: ids.length },
          entry: {
            action: 'user_blocked',
            userId,
            reason,
            before: { blocked_at: null, logins: endedLogins, live_sessions: ids.length },
            after: { blocked_at: at.toISOString(), logins: 0, live_sessions: 0 },
          },
        }
      })
    },

    async unblock(actor, { userId, reason }) {
      return changes.make<Unblocked>(actor, async (db) => {
        const { blockedAt } = await find(db, userId)
        if (!blockedAt) return { result: { outcome: 'not_blocked' } }
        await db.user.update({ where: { id: userId }, data: { blockedAt: null } })
        return {
          result: { outcome: 'unblocked' },
          entry: {
            action: 'user_unblocked',
            userId,
            reason,
            before: { blocked_at: blockedAt.toISOString() },
            after: { blocked_at: null },
          },
        }
      })
    },

    async setRole(actor, { userId, role, reason, allowLast = false }) {
      return changes.make<RoleSet>(actor, async (db) => {
        if (isSelf(actor, userId) && role !== 'admin') {
          throw new AppError(
            'forbidden',
            'You cannot take your own role away: ask another administrator.',
          )
        }
        const user = await find(db, userId)
        if (user.role === role) return { result: { outcome: 'unchanged' } }
        if (role === 'admin' && user.blockedAt) {
          throw new AppError('bad_request', 'This account is blocked: unblock it first.')
        }
        if (role !== 'admin' && !allowLast) await keepAnAdmin(db, user)
        await db.user.update({ where: { id: userId }, data: { role } })
        return {
          result: { outcome: 'changed' },
          entry: {
            action: role === 'admin' ? 'role_granted' : 'role_revoked',
            userId,
            reason,
            before: { role: user.role },
            after: { role },
          },
        }
      })
    },
  }
}

function isSelf(actor: Actor, userId: string): boolean {
  return actor.kind === 'user' && actor.userId === userId
}

async function find(db: Db, userId: string): Promise<User> {
  const user = await db.user.findUnique({ where: { id: userId } })
  if (!user) throw new AppError('not_found', 'There is no account with this id.')
  return user
}

/** Refuses what would leave no administrator. Changes take turns, so nobody else does so meanwhile. */
async function keepAnAdmin(db: Db, { id, role, blockedAt }: User): Promise<void> {
  if (role !== 'admin' || blockedAt) return
  const others = await db.user.count({
    where: { role: 'admin', blockedAt: null, id: { not: id } },
  })
  if (others > 0) return
  throw new AppError(
    'bad_request',
    'This is the only administrator. Make another one first, or add --last on the command line.',
  )
}
