import type { Actor } from '../admin/admin-actor.ts'
import type { Administration } from '../admin/administration.ts'
import { createAdministration } from '../admin/administration.ts'
import { createLedger } from '../billing/ledger.ts'
import { readEnv } from '../env.ts'
import { newId } from '../ids.ts'
import type { TestDatabase } from './test-database.ts'

/** Whoever makes the first administrator. */
export const commandLine: Actor = { kind: 'command-line', osUser: 'tester' }

/** What the command line works with, on the configuration's defaults. */
export function createTestAdministration(
  { prisma }: Pick<TestDatabase, 'prisma'>,
  now: () => number = Date.now,
): Administration {
  return createAdministration({
    prisma,
    ledger: createLedger({ newId }),
    newId,
    now,
    costs: readEnv({}).selling.costs,
    terms: { expiryMs: 15_000, staleMs: 2500, sessionsMaxPerUser: 2 },
  })
}
