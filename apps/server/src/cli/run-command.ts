import { userInfo } from 'node:os'
import type { Logger } from 'pino'
import { createAdministration } from '../admin/administration.ts'
import { AppError } from '../app-error.ts'
import { staleMsOf } from '../billing/leasing-env.ts'
import { createLedger } from '../billing/ledger.ts'
import { openDatabase } from '../database/database.ts'
import { visitServerDatabase } from '../database/server-database.ts'
import type { Env } from '../env.ts'
import { readEnv } from '../env.ts'
import { newId } from '../ids.ts'
import { BACKUP_HELP } from './backup-command.ts'
import { beginCommand } from './begin-command.ts'
import type { Command, OperatorTask } from './command-line.ts'
import { HELP } from './command-line.ts'
import type { OperatorAnswer } from './operate.ts'
import { operate } from './operate.ts'

/**
 * Runs one of the operator's commands to its end. Answers go to standard output, everything else
 * to standard error.
 * @throws Error in words for the operator
 */
export async function runCommand(command: Exclude<Command, { name: 'serve' }>): Promise<void> {
  if (command.name === 'help') return void process.stdout.write(`${HELP}${BACKUP_HELP}`)
  const log = beginCommand('command')
  try {
    const { json, text } = await visit(readEnv(), log, command)
    process.stdout.write(`${command.isJson ? JSON.stringify(json, null, 2) : text}\n`)
  } catch (error) {
    if (!command.isJson) throw error
    const code = error instanceof AppError ? error.code : 'internal'
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`)
    process.exitCode = 1
  }
}

/** In the server's own database, whether the server runs or not. */
async function visit(env: Env, log: Logger, task: OperatorTask): Promise<OperatorAnswer> {
  const visited = await visitServerDatabase({ url: env.databaseUrl, dataDir: env.dataDir, log })
  const { prisma, close } = openDatabase(visited.url, log)
  const { leasing, streamLimits, selling } = env
  const administration = createAdministration({
    prisma,
    ledger: createLedger({ newId }),
    newId,
    now: Date.now,
    costs: selling.costs,
    terms: { ...leasing, ...streamLimits, staleMs: staleMsOf(leasing) },
  })
  try {
    return await operate(administration, { kind: 'command-line', osUser: osUser() }, task)
  } finally {
    await close()
    await visited.stop()
  }
}

/** A container may run the command as a number without a name. */
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
