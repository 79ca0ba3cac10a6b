import { AppError } from '../app-error.ts'
import { toMs } from '../billing/ledger.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Page, PageRequest } from './page.ts'
import { toPage } from './page.ts'

export type UserRole = 'user' | 'admin'

/** An account, as an administrator sees it. Amounts in ms. */
export interface UserSummary {
  readonly id: string
  readonly email: string
  readonly role: UserRole
  readonly createdAt: Date
  readonly blockedAt: Date | null
  /** Free to be leased. */
  readonly availableMs: number
  /** Set aside for running sessions, whether used yet or not. */
  readonly heldMs: number
  /** Taken back by refunds, but spent already. */
  readonly owedMs: number
  readonly liveSessions: number
}

/** One change of a balance. */
export interface LedgerLine {
  readonly id: string
  readonly recordedAt: Date
  readonly kind: string
  readonly deltaMs: number
  readonly description: string
  readonly sessionId: string | null
}

/** All accounts, for administrators. */
export interface UserDirectory {
  /**
   * Newest first.
   * @param request.search part of an e-mail address, or a whole id
   * @throws AppError `bad_request` for a cursor that was made up
   */
  page(request: PageRequest & { readonly search?: string | undefined }): Promise<Page<UserSummary>>
  /** @throws AppError `not_found` */
  find(userId: string): Promise<UserSummary>
  /**
   * @param name e-mail address or id
   * @returns the id
   * @throws AppError `not_found`
   */
  resolve(name: string): Promise<string>
  /**
   * A user's ledger, newest first.
   * @throws AppError `bad_request` for a cursor that is not of this user's ledger
   */
  ledger(userId: string, request: PageRequest): Promise<Page<LedgerLine>>
}

interface Row {
  readonly id: string
  readonly email: string
  readonly role: UserRole
  readonly created_at: Date
  readonly blocked_at: Date | null
  readonly available_ms: bigint
  readonly held_ms: bigint
  readonly owed_ms: bigint
  readonly live_sessions: number
}

export function createUserDirectory({ prisma }: { readonly prisma: PrismaClient }): UserDirectory {
  const select = async (condition: Prisma.Sql, limit: number): Promise<UserSummary[]> => {
    const rows = await prisma.$queryRaw<Row[]>`
      SELECT u."id", u."email", u."role", u."created_at", u."blocked_at",
        coalesce(b."available_ms", 0) AS "available_ms", coalesce(b."held_ms", 0) AS "held_ms",
        coalesce(b."owed_ms", 0) AS "owed_ms", (
          SELECT count(*)::int FROM "leases" l WHERE l."user_id" = u."id" AND l."state" = 'active'
        ) AS "live_sessions"
      FROM "users" u LEFT JOIN "credit_balance" b ON b."user_id" = u."id"
      WHERE ${condition}
      ORDER BY u."created_at" DESC, u."id" DESC LIMIT ${limit}`
    return rows.map(toSummary)
  }

  async function after(cursor: string): Promise<Prisma.Sql> {
    const last = await prisma.user.findUnique({ where: { id: cursor } })
    if (!last) throw unknownCursor()
    return Prisma.sql`(u."created_at", u."id") < (${last.createdAt}, ${cursor})`
  }

  return {
    async page({ search, cursor, limit }) {
      const beginning = cursor === undefined ? Prisma.sql`true` : await after(cursor)
      const found =
        search === undefined
          ? Prisma.sql`true`
          : Prisma.sql`(strpos(u."email", ${search.toLowerCase()}) > 0 OR u."id" = ${search})`
      return toPage(await select(Prisma.sql`${found} AND ${beginning}`, limit + 1), limit)
    },
    async find(userId) {
      const [user] = await select(Prisma.sql`u."id" = ${userId}`, 1)
      if (!user) throw new AppError('not_found', 'There is no account with this id.')
      return user
    },
    async resolve(name) {
      const text = name.trim()
      const where = text.includes('@') ? { email: text.toLowerCase() } : { id: text }
      const user = await prisma.user.findUnique({ where, select: { id: true } })
      if (user) return user.id
      const what = text.includes('@') ? 'e-mail address' : 'id'
      throw new AppError('not_found', `There is no account with the ${what} ${text}.`)
    },
    async ledger(userId, { cursor, limit }) {
      let beginning = Prisma.empty
      if (cursor !== undefined) {
        const last = await prisma.usageLedgerEntry.findFirst({ where: { id: cursor, userId } })
        if (!last) throw unknownCursor()
        beginning = Prisma.sql`AND ("recorded_at", "id") < (${last.recordedAt}, ${cursor})`
      }
      const rows = await prisma.$queryRaw<LedgerRow[]>`
        SELECT "id", "recorded_at", "kind", "delta_ms", "description", "session_id"
        FROM "usage_ledger" WHERE "user_id" = ${userId} ${beginning}
        ORDER BY "recorded_at" DESC, "id" DESC LIMIT ${limit + 1}`
      return toPage(rows.map(toLine), limit)
    },
  }
}

interface LedgerRow {
  readonly id: string
  readonly recorded_at: Date
  readonly kind: string
  readonly delta_ms: bigint
  readonly description: string
  readonly session_id: string | null
}

function toLine(row: LedgerRow): LedgerLine {
  const { id, recorded_at: recordedAt, kind, description, session_id: sessionId } = row
  return { id, recordedAt, kind, deltaMs: toMs(row.delta_ms), description, sessionId }
}

function toSummary(row: Row): UserSummary {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    createdAt: row.created_at,
    blockedAt: row.blocked_at,
    availableMs: toMs(row.available_ms),
    heldMs: toMs(row.held_ms),
    owedMs: toMs(row.owed_ms),
    liveSessions: row.live_sessions,
  }
}

function unknownCursor(): AppError {
  return new AppError('bad_request', 'This cursor is unknown. Begin without one.')
}
