import { loadOrCreateJwtSecret } from './accounts/jwt-secret.ts'
import { createApp } from './app.ts'
import { parseBackupCommand, runBackupProgram } from './cli/backup-command.ts'
import { parseCommandLine } from './cli/command-line.ts'
import { runCommand } from './cli/run-command.ts'
import { UsageError } from './cli/usage-error.ts'
import { startServerDatabase } from './database/server-database.ts'
import { secretsOf } from './env-secrets.ts'
import { readEnv } from './env.ts'
import { newId } from './ids.ts'
import { createLogger } from './log.ts'
import { createMetrics } from './operations/metrics.ts'
import { startTracing } from './operations/tracing.ts'
import type { Life } from './process-end.ts'
import { runUntilEnd } from './process-end.ts'
import { shippedFolder } from './shipped-folder.ts'
import { createSpeechBackend } from './speech/backend.ts'

async function serve({ atEnd, ending }: Life): Promise<void> {
  const env = readEnv()
  const write = (line: string): unknown => process.stdout.write(line)
  const log = createLogger({
    level: env.logLevel,
    readable: process.stdout.isTTY,
    write,
    secrets: secretsOf(env),
  })
  const tracing = await startTracing(env.operations.tracing, log)
  if (tracing) atEnd(tracing.close)
  const starting = startServerDatabase({ url: env.databaseUrl, dataDir: env.dataDir, log })
  // Before it is awaited: a Ctrl-C meanwhile must stop it, too.
  atEnd(async () => (await starting).stop())
  const database = await starting
  const jwtSecret = env.jwtSecret ?? (await loadOrCreateJwtSecret(env.dataDir))
  ending.throwIfAborted()
  const metrics = createMetrics()
  const app = createApp({
    ...env,
    database,
    dashboardDir: shippedFolder('dashboard'),
    jwtSecret,
    speech: createSpeechBackend(env, log, metrics),
    metrics,
    tracing,
    log,
    newId,
    now: Date.now,
  })
  atEnd(app.close)
  const url = await app.listen()
  ending.throwIfAborted()
  write(`Saywire server on ${url} (API: /docs)\n`)
  process.send?.({ type: 'listening', url })
}

try {
  const words = process.argv.slice(2)
  const command = parseBackupCommand(words) ?? parseCommandLine(words)
  if (command.name === 'serve') await runUntilEnd(serve)
  else if ('file' in command) await runBackupProgram(command)
  else await runCommand(command)
} catch (error) {
  const isUsage = error instanceof UsageError
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  if (isUsage) process.stderr.write('See saywire-server --help.\n')
  process.exitCode = isUsage ? 2 : 1
}
