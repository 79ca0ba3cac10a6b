import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { backUpDatabase } from '../database/backup/back-up-database.ts'
import { restoreDatabase } from '../database/backup/restore-database.ts'
import {
  startEmbeddedPostgres,
  visitEmbeddedPostgres,
} from '../database/embedded/embedded-postgres.ts'
import type { Env } from '../env.ts'
import { readEnv } from '../env.ts'
import { beginCommand } from './begin-command.ts'
import { UsageError } from './usage-error.ts'

export interface BackupCommand {
  readonly name: 'backup' | 'restore'
  readonly file: string
}

export interface BackupCommandDeps {
  readonly env: Pick<Env, 'databaseUrl' | 'dataDir'>
  readonly log: Logger
}

export const BACKUP_HELP = `
saywire-server backup <file>                       everything in the database, as it is at this instant
saywire-server restore <file>                      into an empty database
`

/**
 * @param args what follows the program's name
 * @returns undefined where it is another command
 * @throws UsageError
 */
export function parseBackupCommand(args: readonly string[]): BackupCommand | undefined {
  const [name, file, ...rest] = args
  if (name !== 'backup' && name !== 'restore') return undefined
  if (file === '--help' || file === '-h') return undefined
  if (file === undefined || rest.length > 0 || file.startsWith('-')) {
    throw new UsageError(`\`${name}\` takes the name of a file.`)
  }
  return { name, file: resolve(file) }
}

/** Runs it to its end. Its answer goes to standard output, everything else to standard error. */
export async function runBackupProgram(command: BackupCommand): Promise<void> {
  const log = beginCommand(command.name)
  const answer = await runBackupCommand(command, { env: readEnv(), log })
  process.stdout.write(`${answer}\n`)
}

/**
 * A backup leaves the database, and whichever server runs on it, as they are: no migration runs.
 * @returns a sentence for the operator
 * @throws Error in words for the operator
 */
export async function runBackupCommand(
  { name, file }: BackupCommand,
  { env, log }: BackupCommandDeps,
): Promise<string> {
  const { databaseUrl, dataDir } = env
  const embedded =
    databaseUrl === undefined
      ? await (name === 'backup' ? visitEmbeddedPostgres : startEmbeddedPostgres)({ dataDir, log })
      : undefined
  const url = embedded?.url ?? databaseUrl ?? ''
  try {
    return name === 'backup'
      ? `Backed up ${await backUpDatabase(url, file)} rows to ${file}.`
      : `Restored ${await restoreDatabase(url, file)} rows from ${file}.`
  } finally {
    await embedded?.stop()
  }
}
