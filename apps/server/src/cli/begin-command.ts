import type { Logger } from 'pino'
import { createLogger } from '../log.ts'

/**
 * To be called before a command works: it must stop the PostgreSQL that it has started, so the first
 * Ctrl-C waits for its end.
 * @param what is being done, in a word
 * @returns the log, on standard error: what a command prints is its answer
 */
export function beginCommand(what: string): Logger {
  const write = (line: string): unknown => process.stderr.write(line)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => write(`Finishing the ${what} …\n`))
  }
  return createLogger({ level: 'warn', readable: true, write })
}
