import type { Logger } from 'pino'
import { readEnv } from '../env.ts'
import { newId } from '../ids.ts'
import { createLogger } from '../log.ts'
import { BACKUP_HELP, runBackupCommand } from './backup-command.ts'
import type { BackupCommand } from './backup-command.ts'
import type { Command } from './command-line.ts'
import { HELP } from './command-line.ts'
import { grantCredits } from './grant-credits.ts'

/**
 * Runs one of the operator's commands to its end. Answers go to standard output, everything else
 * to standard error.
 * @throws Error in words for the operator
 */
export async function runCommand(
  command: Exclude<Command, { name: 'serve' }> | BackupCommand,
): Promise<void> {
  switch (command.name) {
    case 'backup':
    case 'restore': {
      const log = createQuietLog(`Finishing the ${command.name} …`)
      const answer = await runBackupCommand(command, { env: readEnv(), log })
      return void process.stdout.write(`${answer}\n`)
    }
    case 'help':
      return void process.stdout.write(`${HELP}${BACKUP_HELP}`)
    case 'grant': {
      const log = createQuietLog('Finishing the grant …')
      const answer = await grantCredits({ env: readEnv(), log, newId }, command)
      return void process.stdout.write(`${answer}\n`)
    }
  }
}

/** A command must stop the PostgreSQL that it has started: the first Ctrl-C waits for its end. */
function createQuietLog(onInterrupt: string): Logger {
  const write = (line: string): unknown => process.stderr.write(line)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => write(`${onInterrupt}\n`))
  }
  return createLogger({ level: 'warn', readable: true, write })
}
