import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram, TcpCutter } from '@saywire/speech/testing'
import {
  createScriptedTranscriber,
  startFakeDeepgram,
  startTcpCutter,
} from '@saywire/speech/testing'
import type { StartedServer } from '../../src/testing/start-server.ts'
import { startServer } from '../../src/testing/start-server.ts'
import type { Backstage } from './backstage.ts'
import { startBackstage } from './backstage.ts'

/** As Deepgram: results come a moment after their audio. */
const LATENCY_MS = 250
const STREAMS_MAX = 1000

/**
 * Everything behind the app: three real servers on one real database, and a Deepgram that understands
 * scripted speech, with a cutter between each two of them.
 */
export interface FaultStage extends AsyncDisposable {
  readonly backstage: Backstage
  readonly deepgram: FakeDeepgram
  /** Between the servers and Deepgram. */
  readonly upstream: TcpCutter
  /** Between the servers and the database. */
  readonly database: TcpCutter
  /** Of the server that stays. */
  readonly steadyPort: () => number
  readonly steadyProcess: ChildProcess
  /** Of one of the two others, to be used by whoever connects next. */
  readonly portInUse: () => number
  /** Ends that one; the other one is in use from the same moment on. */
  endServer(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Puts a new server in the place of the one that ended. */
  restartServer(): Promise<void>
}

/** @param env further variables of the servers */
export async function setFaultStage(
  env: Readonly<Record<string, string>> = {},
): Promise<FaultStage> {
  const ends: (() => PromiseLike<unknown>)[] = []
  const endAll = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  const use = <T extends AsyncDisposable>(part: T): T => {
    ends.push(() => part[Symbol.asyncDispose]())
    return part
  }
  try {
    const backstage = use(await startBackstage())
    const deepgram = use(
      await startFakeDeepgram({
        transcribe: createScriptedTranscriber,
        latencyMs: LATENCY_MS,
        maxStreams: STREAMS_MAX,
        keepAudio: false,
      }),
    )
    const upstream = use(await startTcpCutter({ port: portOf(deepgram.url) }))
    const databaseUrl = new URL(backstage.env.DATABASE_URL)
    const database = use(await startTcpCutter({ port: Number(databaseUrl.port || 5432) }))
    databaseUrl.host = `127.0.0.1:${database.port}`
    const folder = await mkdtemp(join(tmpdir(), 'saywire-faults-'))
    ends.push(async () => rm(folder, { recursive: true, force: true }))
    const start = async (place: number): Promise<StartedServer> =>
      startServer(join(folder, String(place)), {
        ...backstage.env,
        DATABASE_URL: databaseUrl.href,
        DEEPGRAM_URL: `ws://127.0.0.1:${upstream.port}`,
        DEEPGRAM_API_KEY: deepgram.apiKey,
        DEEPGRAM_MAX_SESSIONS: String(STREAMS_MAX),
        LOG_LEVEL: 'silent',
        ...env,
      })
    const servers = await Promise.all([start(0), start(1), start(2)])
    let inUse = 0
    ends.push(async () => Promise.all(servers.map(async (server) => server.stop('SIGKILL'))))
    return {
      backstage,
      deepgram,
      upstream,
      database,
      steadyPort: () => portOf(servers[2].url),
      steadyProcess: servers[2].process,
      portInUse: () => portOf((servers[inUse] ?? servers[2]).url),
      async endServer(signal) {
        const server = servers[inUse]
        inUse = 1 - inUse
        await server?.stop(signal)
      },
      async restartServer() {
        servers[1 - inUse] = await start(1 - inUse)
      },
      [Symbol.asyncDispose]: endAll,
    }
  } catch (error) {
    await endAll()
    throw error
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}
