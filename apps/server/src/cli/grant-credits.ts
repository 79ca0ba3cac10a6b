import type { Logger } from 'pino'
import { createLedger } from '../billing/ledger.ts'
import { openDatabase } from '../database/database.ts'
import { visitServerDatabase } from '../database/server-database.ts'
import type { Env } from '../env.ts'
import type { NewId } from '../ids.ts'
import { readUnspentMs } from '../sessions/live-account.ts'

export interface GrantDeps {
  readonly env: Pick<Env, 'databaseUrl' | 'dataDir'>
  readonly log: Logger
  readonly newId: NewId
}

/**
 * Gives a user credit, in the server's own database and whether the server runs or not: clients
 * that are connected see it within a second. Each call is a gift of its own.
 * @param grant.email in lower case
 * @param grant.minutes whole, above 0
 * @returns a sentence for the operator
 * @throws Error in words for the operator: unknown account, no database
 */
export async function grantCredits(
  { env, log, newId }: GrantDeps,
  grant: { readonly email: string; readonly minutes: number; readonly reason: string | undefined },
): Promise<string> {
  const { email, minutes, reason } = grant
  const visited = await visitServerDatabase({ url: env.databaseUrl, dataDir: env.dataDir, log })
  const { prisma, close } = openDatabase(visited.url, log)
  const ledger = createLedger({ newId })
  try {
    const user = await prisma.user.findUnique({ where: { email } })
    if (!user) throw new Error(`There is no account with the e-mail address ${email}.`)
    await prisma.$transaction(async (db) =>
      ledger.grant(db, {
        userId: user.id,
        kind: 'operator_grant',
        amountMs: minutes * 60_000,
        ref: `operator_grant:${newId('led')}`,
        description: `${minutes} min from the operator${reason === undefined ? '' : `: ${reason}`}`,
      }),
    )
    const unspentMs = await readUnspentMs(prisma, user.id)
    return `Granted ${minutes} min to ${email}, who now has ${(unspentMs / 60_000).toFixed(1)} min.`
  } finally {
    await close()
    await visited.stop()
  }
}
