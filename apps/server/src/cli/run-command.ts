import { readEnv } from '../env.ts'
import { newId } from '../ids.ts'
import { createLogger } from '../log.ts'
import { BACKUP_HELP } from './backup-command.ts'
import type { Command } from './command-line.ts'
import { HELP } from './command-line.ts'
import { grantCredits } from './grant-credits.ts'

/**
 * Runs one of the operator's commands to its end. Answers go to standard output, everything else
 * to standard error.
 * @throws Error in words for the operator
 */
export async function runCommand(command: Exclude<Command, { name: 'serve' }>): Promise<void> {
  switch (command.name) {
    case 'help':
      return void process.stdout.write(`${HELP}${BACKUP_HELP}`)
    case 'grant': {
      const write = (line: string): unknown => process.stderr.write(line)
      // It is over in seconds, and must stop the PostgreSQL that it started: the first Ctrl-C waits.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.once(signal, () => process.stderr.write('Finishing the grant …\n'))
      }
      const log = createLogger({ level: 'warn', readable: true, write })
      const answer = await grantCredits({ env: readEnv(), log, newId }, command)
      return void process.stdout.write(`${answer}\n`)
    }
  }
}
