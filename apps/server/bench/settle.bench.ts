// What the books cost: open and settle pairs per second, and the CPU of 200 sessions' heartbeats.
import { setTimeout as sleep } from 'node:timers/promises'
import { createLeases } from '../src/billing/leases.ts'
import { createLedger } from '../src/billing/ledger.ts'
import { newId } from '../src/ids.ts'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import { mean } from './accounts-of-run.ts'
import { readCpuS, readParentPid } from './cpu-time.ts'
import { runBench, say } from './report.ts'
import { startSpeaker } from './speaker.ts'
import type { Stage } from './stage.ts'
import { setStage, until } from './stage.ts'

const USERS = 100
const SESSIONS = 200
/** As many as a server process has connections. */
const AT_ONCE = 10
const PLENTY_MS = 24 * 3_600_000
/** The default, and the rarest that can be configured, which is what it is measured against. */
const FLUSH_MS = 1000
const BASELINE_FLUSH_MS = 10_000
/** Ten times what 200 sessions of a minute each need. */
const PAIRS_PER_S_MIN = 33
const DATABASE_CORES_MAX = 0.1
const STREAMING_WAIT_MS = 20_000
/** Until what the opening of so many sessions costs is over. */
const SETTLING_IN_MS = 2000

const SESSION = {
  mode: 'managed',
  backend: 'deepgram',
  model: null,
  language: null,
} as const

await runBench('settle', async (run) => {
  const stage = await setStage(run, {}, [])
  const userIds: string[] = []
  for (let i = 0; i < USERS; i++) userIds.push(await stage.database.addUser(PLENTY_MS))
  const pairsMs = run.isQuick ? 2000 : 20_000
  const manyPerS = await countPairs(stage, userIds, pairsMs)
  const hotPerS = await countPairs(stage, userIds.slice(0, 1), pairsMs)
  say(`pairs: ${manyPerS.toFixed(0)}/s over ${USERS} users, ${hotPerS.toFixed(0)}/s of one user`)

  const windowMs = run.isQuick ? 5000 : 30_000
  const usual: Load[] = []
  const baseline: Load[] = []
  for (let round = 0; round < (run.isQuick ? 1 : 3); round++) {
    baseline.push(await measureLoad(stage, userIds, BASELINE_FLUSH_MS, windowMs))
    usual.push(await measureLoad(stage, userIds, FLUSH_MS, windowMs))
  }
  const serverCores = mean(usual.map((load) => load.serverCores))
  const databaseCores = mean(usual.map((load) => load.databaseCores))
  const serverRatio = serverCores / mean(baseline.map((load) => load.serverCores))
  const databaseRatio = databaseCores / mean(baseline.map((load) => load.databaseCores))
  const streaming = Math.min(...[...usual, ...baseline].map((load) => load.streaming))
  const wrongBooks = await unbalancedUsers(stage.database)
  const cores = (value: number): string => `${(100 * value).toFixed(1)} % of a core`
  // No promise: on a busy machine two windows differ by more than heartbeats cost.
  say(
    `server: ${cores(serverCores)}, ${serverRatio.toFixed(2)} × that of a heartbeat every ${BASELINE_FLUSH_MS / 1000} s`,
  )
  return {
    figures: { manyPerS, hotPerS, usual, baseline, serverRatio, databaseRatio },
    promises: [
      {
        promise: `at least ${PAIRS_PER_S_MIN} sessions are opened and settled a second`,
        kept: Math.min(manyPerS, hotPerS) >= PAIRS_PER_S_MIN && wrongBooks.length === 0,
        measured: `${manyPerS.toFixed(0)}/s over ${USERS} users, ${hotPerS.toFixed(0)}/s of one user`,
      },
      {
        promise: `${SESSIONS} sessions: the books cost PostgreSQL at most ${cores(DATABASE_CORES_MAX)}`,
        kept: databaseCores <= DATABASE_CORES_MAX && streaming === SESSIONS,
        measured: `${cores(databaseCores)}, ${databaseRatio.toFixed(2)} × that of a heartbeat every ${BASELINE_FLUSH_MS / 1000} s`,
      },
    ],
  }
})

/** Sessions opened and settled a second, by one process that does nothing else. */
async function countPairs(
  { database }: Stage,
  userIds: readonly string[],
  durationMs: number,
): Promise<number> {
  const leases = createLeases({
    prisma: database.prisma,
    ledger: createLedger({ newId }),
    newId,
    instance: newId('srv'),
    terms: {
      leaseMs: 60_000,
      settleEveryMs: 600_000,
      expiryMs: 60_000,
      staleMs: 2500,
      sessionsMaxPerUser: AT_ONCE,
    },
  })
  const startedAtMs = performance.now()
  let pairs = 0
  async function work(worker: number): Promise<void> {
    for (let i = worker; performance.now() - startedAtMs < durationMs; i += AT_ONCE) {
      const userId = userIds[i % userIds.length] ?? ''
      const opened = await leases.open({ userId, ...SESSION })
      if (opened.outcome !== 'opened') throw new Error(opened.outcome)
      const { sessionId } = opened
      const end = { reason: 'stopped', creditedMs: 0, backend: 'deepgram' } as const
      await leases.settle({ sessionId, userId, audioMs: 1000, ...end })
      pairs += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, async (_, worker) => work(worker)))
  return pairs / ((performance.now() - startedAtMs) / 1000)
}

interface Load {
  readonly flushMs: number
  /** Sessions that streamed from the first moment of the window to its last. */
  readonly streaming: number
  readonly serverCores: number
  readonly databaseCores: number
}

/** CPU of one server and of PostgreSQL while 200 clients speak. */
async function measureLoad(
  stage: Stage,
  userIds: readonly string[],
  flushMs: number,
  windowMs: number,
): Promise<Load> {
  const { database } = stage
  const server = await stage.start(0, {
    USAGE_FLUSH_MS: String(flushMs),
    LEASE_EXPIRY_MS: String(6 * BASELINE_FLUSH_MS),
  })
  const speakers = Array.from({ length: SESSIONS }, (_, i) => {
    const userId = userIds[i % USERS] ?? ''
    return startSpeaker({ userId, pickServer: stage.pickServer })
  })
  const count = (): number => speakers.filter(({ isStreaming }) => isStreaming).length
  await until(() => count() === SESSIONS, STREAMING_WAIT_MS)
  await sleep(SETTLING_IN_MS)
  const [row] = await database.query('SELECT pg_backend_pid() AS pid')
  const postmasterPid = await readParentPid(Number(row?.['pid']))
  const read = async () => ({
    atMs: performance.now(),
    serverS: await readCpuS(server.pid),
    databaseS: await readCpuS(postmasterPid),
  })
  const first = await read()
  await sleep(windowMs)
  const last = await read()
  const streaming = count()
  const tookS = (last.atMs - first.atMs) / 1000
  await Promise.all(speakers.map(async (speaker) => speaker.stop()))
  await stage.end(0, 'SIGTERM')
  const load = {
    flushMs,
    streaming,
    serverCores: (last.serverS - first.serverS) / tookS,
    databaseCores: (last.databaseS - first.databaseS) / tookS,
  }
  say(
    `${streaming} sessions, heartbeat every ${flushMs} ms: server ${load.serverCores.toFixed(2)} cores, PostgreSQL ${load.databaseCores.toFixed(3)}`,
  )
  return load
}
