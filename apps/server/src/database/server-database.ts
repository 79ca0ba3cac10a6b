import type { Logger } from 'pino'
import type { EmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { startEmbeddedPostgres, visitEmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { migrate, MigrationError } from './migrate.ts'

/** The database that this server runs on, at this server's schema. */
export interface ServerDatabase {
  readonly url: string
  /** True where no other server uses it. */
  readonly isOwned: boolean
  /** Stops the built-in PostgreSQL; leaves any other alone. */
  stop(): Promise<void>
}

export interface ServerDatabaseDeps {
  /** Undefined: the built-in PostgreSQL. */
  readonly url: string | undefined
  readonly dataDir: string
  readonly log: Logger
}

/** @throws Error in words for the user */
export async function startServerDatabase(deps: ServerDatabaseDeps): Promise<ServerDatabase> {
  return prepare(deps, deps.url === undefined ? await startEmbeddedPostgres(deps) : undefined)
}

/**
 * The same database for a command beside the server, which may be running or not. stop() leaves
 * the built-in PostgreSQL as it was.
 * @throws Error in words for the user, also where there is no built-in PostgreSQL yet
 */
export async function visitServerDatabase(
  deps: ServerDatabaseDeps,
): Promise<Pick<ServerDatabase, 'url' | 'stop'>> {
  return prepare(deps, deps.url === undefined ? await visitEmbeddedPostgres(deps) : undefined)
}

async function prepare(
  deps: ServerDatabaseDeps,
  embedded: EmbeddedPostgres | undefined,
): Promise<ServerDatabase> {
  const { log } = deps
  const url = embedded?.url ?? deps.url ?? ''
  const stop = async (): Promise<void> => embedded?.stop()
  try {
    for (const migration of await migrate(url)) log.info({ migration }, 'database migrated')
  } catch (error) {
    await stop()
    if (deps.url === undefined || error instanceof MigrationError) throw error
    throw new Error(explainDatabaseError(deps.url, error), { cause: error })
  }
  return { url, isOwned: embedded !== undefined, stop }
}

/** In words for the user. Without the URL itself, which has the password. */
export function explainDatabaseError(url: string, error: unknown): string {
  // Of several addresses of one name, each has failed.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  const reason = first instanceof Error ? first.message : String(first)
  return (
    `The database of DATABASE_URL, at ${new URL(url).host}, cannot be used: ${reason}. ` +
    'Start it, or correct DATABASE_URL.'
  )
}
