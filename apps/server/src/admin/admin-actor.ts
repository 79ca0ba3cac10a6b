import { AppError } from '../app-error.ts'
import type { Db } from '../database/database.ts'

/** Who changes something: an administrator over the API, or whoever may use the server's command line. */
export type Actor =
  | { readonly kind: 'user'; readonly userId: string; readonly requestId?: string | undefined }
  | { readonly kind: 'command-line'; readonly osUser: string }

/**
 * As the database has it now: a token that was issued to an administrator proves nothing.
 * @throws AppError `forbidden`
 */
export async function requireAdmin(db: Db, userId: string): Promise<void> {
  const [row] = await db.$queryRaw<{ is_admin: boolean }[]>`
    SELECT "role" = 'admin' AND "blocked_at" IS NULL AS "is_admin" FROM "users"
    WHERE "id" = ${userId}`
  if (!row?.is_admin) throw new AppError('forbidden', 'Only administrators may do this.')
}
