import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { visitEmbeddedPostgres } from '../../../server/src/database/embedded/embedded-postgres.ts'
import { runSql } from '../../../server/src/testing/run-sql.ts'

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const silent = (): void => undefined
const SERVER = fileOf('../../../server/src/main.ts')
const SET_UP = fileOf('../../../../scripts/setup.mjs')

export interface DashboardServer extends AsyncDisposable {
  readonly url: string
  /** Ends the process. The data stays. */
  stop(): Promise<void>
  /** Starts it again at the same address, with the same data. */
  start(): Promise<void>
  /** Runs SQL in its database, while it runs. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

/**
 * The server as users start it, a process of its own with a PostgreSQL of its own, and the pages as
 * their files are now.
 */
export async function startDashboardServer(
  env: Readonly<Record<string, string>> = {},
): Promise<DashboardServer> {
  const built = spawnSync(process.execPath, [SET_UP], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  const parent = await mkdtemp(join(tmpdir(), 'saywire-dashboard-'))
  // As root, PostgreSQL runs as another user, who must get to its folder.
  await chmod(parent, 0o755)
  const dataDir = join(parent, 'data')

  async function launch(port: string) {
    const child = spawn(process.execPath, ['--import', 'tsx', SERVER], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        SAYWIRE_DATA_DIR: dataDir,
        PORT: port,
        // Without one the start would fetch a speech model.
        DEEPGRAM_API_KEY: 'unused',
        AUTH_RATE_PER_MINUTE: '1000',
        ...env,
      },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => (output += data.toString()))
    }
    const exited = once(child, 'exit')
    const url = await Promise.race([
      once(child, 'message').then(([message]) => (message as { url: string }).url),
      exited.then(() => Promise.reject(new Error(output))),
    ])
    return {
      url,
      async end() {
        child.kill('SIGTERM')
        await exited
      },
    }
  }

  async function query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const log = { info: silent, warn: silent, error: silent }
    const database = await visitEmbeddedPostgres({ dataDir, log })
    return runSql(database.url, sql, values)
  }

  let running = await launch('0')
  const { url } = running
  return {
    url,
    query,
    stop: async () => running.end(),
    async start() {
      running = await launch(new URL(url).port)
    },
    async [Symbol.asyncDispose]() {
      await running.end()
      await rm(parent, { recursive: true, force: true })
    },
  }
}
