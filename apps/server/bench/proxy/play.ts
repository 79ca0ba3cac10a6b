import { readFile } from 'node:fs/promises'
import type { BenchDatabase } from '../database.ts'
import { startBenchDatabase } from '../database.ts'
import type { BenchRun } from '../report.ts'
import { issueToken, startServer } from '../server-process.ts'
import type { Cores } from './cores.ts'
import { divideCores } from './cores.ts'
import type { FakeQuestions } from './fake-process.ts'
import type { LoadQuestions } from './load-process.ts'
import type { Players } from './measure.ts'
import { startAnswerer } from './questions.ts'
import type { Target } from './targets.ts'
import { startBareProxy, startNginx } from './targets.ts'

const SESSIONS_PER_USER = 20
/** Room for sessions that a client left behind, which take a while to end. */
const USED_PER_USER = 10
const PLENTY_MS = 24 * 3_600_000
const STREAMS_MAX = 100_000
/** What `npm run server` gives Node. */
const FLAGS = new URL('../../node-flags.json', import.meta.url)

/** `no flags`: the server without what `npm run server` gives Node. */
export type TargetName =
  | 'direct'
  | 'ws pipe'
  | 'ws reshape'
  | 'ws native'
  | 'nginx'
  | 'saywire'
  | 'no flags'

/** Everything that takes part, each in a process of its own. */
export interface Play extends Players {
  readonly cores: Cores
  readonly database: BenchDatabase
  /** Undefined where this machine has none. */
  start(name: TargetName): Promise<Target | undefined>
  /** One for each client: access tokens, or the fake Deepgram's key. */
  tokens(target: Target, count: number): Promise<string[]>
}

export async function setUpPlay(run: BenchRun): Promise<Play> {
  // First of all: every process that is started from here on inherits it.
  const cores = divideCores()
  const database = await startBenchDatabase(run)
  const fake = startAnswerer<FakeQuestions>(run, new URL('fake-process.ts', import.meta.url))
  const load = startAnswerer<LoadQuestions>(run, new URL('load-process.ts', import.meta.url))
  const { url, apiKey } = await fake.ask('address', undefined)
  const flags = JSON.parse(await readFile(FLAGS, 'utf8')) as string[]
  const userIds: string[] = []

  async function startSaywire(name: TargetName, own: readonly string[]): Promise<Target> {
    const env = {
      DATABASE_URL: database.url,
      DEEPGRAM_URL: url,
      DEEPGRAM_API_KEY: apiKey,
      DEEPGRAM_MAX_SESSIONS: String(STREAMS_MAX),
      SESSIONS_PER_USER: String(SESSIONS_PER_USER),
    }
    const server = await startServer(run, env, { command: cores.measured, flags: own })
    const end = async (): Promise<void> => server.end('SIGTERM')
    // Not a name that has two addresses: connecting would try one after the other.
    const address = server.url.replace('localhost', '127.0.0.1')
    return { name, url: address, dialect: 'saywire', pid: server.pid, end }
  }

  return {
    cores,
    database,
    fake,
    load,
    async start(name) {
      switch (name) {
        case 'direct':
          return { name, url, dialect: 'deepgram', pid: undefined, end: async () => undefined }
        case 'ws pipe':
          return startBareProxy(run, cores, url, 'pipe', flags)
        case 'ws reshape':
          return startBareProxy(run, cores, url, 'reshape', flags)
        case 'ws native':
          return startBareProxy(run, cores, url, 'native', flags)
        case 'nginx':
          return startNginx(run, cores, url)
        case 'saywire':
          return startSaywire(name, flags)
        case 'no flags':
          return startSaywire(name, [])
      }
    },
    async tokens({ dialect }, count) {
      if (dialect === 'deepgram') return Array.from({ length: count }, () => apiKey)
      const users = Math.ceil(count / USED_PER_USER)
      while (userIds.length < users) userIds.push(await database.addUser(PLENTY_MS))
      return Promise.all(
        Array.from({ length: count }, async (_, i) => issueToken(userIds[i % users] ?? '')),
      )
    },
  }
}
