import { setTimeout as sleep } from 'node:timers/promises'
import { BYTES_PER_MS } from '@saywire/protocol'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import type { BenchDatabase } from './database.ts'
import { startBenchDatabase } from './database.ts'
import type { BenchRun } from './report.ts'
import type { ServerProcess } from './server-process.ts'
import { startServer } from './server-process.ts'

/** Two server processes on one database, and the Deepgram that knows what it received. */
export interface Stage {
  readonly database: BenchDatabase
  readonly deepgram: FakeDeepgram
  /** By place; undefined while it is down. */
  readonly servers: readonly (ServerProcess | undefined)[]
  /** @param env on top of what both servers have */
  start(place: number, env?: Readonly<Record<string, string>>): Promise<ServerProcess>
  /** Ends the server of this place, for start() to replace. */
  end(place: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Stops its process where it stands, until thaw(). */
  freeze(place: number): void
  thaw(place: number): void
  /** One of the servers that are up and not frozen. */
  readonly pickServer: () => string
  /** Audio that Deepgram received with this tag, ms. */
  receivedMs(tag: string): number
}

/** Deepgram's own bound of 10 s is not what these benches are about. */
const IDLE_TIMEOUT_MS = 120_000
const STREAMS_MAX = 10_000

/**
 * @param env variables of every server
 * @param places servers to begin with
 * @param onOutput hears what the servers print
 */
export async function setStage(
  run: BenchRun,
  env: Readonly<Record<string, string>>,
  places: readonly number[] = [0, 1],
  onOutput?: (text: string) => void,
): Promise<Stage> {
  const database = await startBenchDatabase(run)
  const deepgram = await startFakeDeepgram({
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    maxStreams: STREAMS_MAX,
    keepAudio: false,
  })
  run.atEnd(async () => deepgram[Symbol.asyncDispose]())
  const servers: (ServerProcess | undefined)[] = [undefined, undefined]
  const start = async (
    place: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> => {
    const variables = {
      DATABASE_URL: database.url,
      DEEPGRAM_URL: deepgram.url,
      DEEPGRAM_API_KEY: deepgram.apiKey,
      DEEPGRAM_MAX_SESSIONS: String(STREAMS_MAX),
      ...env,
      ...more,
    }
    const server = await startServer(run, variables, { onOutput })
    servers[place] = server
    return server
  }
  await Promise.all(places.map(async (place) => start(place)))
  const frozen = new Set<ServerProcess>()

  return {
    database,
    deepgram,
    servers,
    start,
    async end(place, signal) {
      const server = servers[place]
      servers[place] = undefined
      await server?.end(signal)
    },
    freeze(place) {
      const server = servers[place]
      if (!server) throw new Error('This server is down.')
      frozen.add(server)
      server.signal('SIGSTOP')
    },
    thaw(place) {
      const server = servers[place]
      if (server && frozen.delete(server)) server.signal('SIGCONT')
    },
    pickServer() {
      const up = servers.filter((server) => server !== undefined && !frozen.has(server))
      const picked = up[Math.floor(Math.random() * up.length)]
      // Where nobody listens, the next attempt may find one.
      return picked?.url ?? 'http://127.0.0.1:1'
    },
    receivedMs(tag) {
      const ofTag = deepgram.connections.filter(({ query }) => query['keyterm']?.[0] === tag)
      const bytes = ofTag.reduce((sum, { audioBytes }) => sum + audioBytes, 0)
      return Math.floor(bytes / BYTES_PER_MS)
    },
  }
}

/** @returns whether it came true in time */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}
