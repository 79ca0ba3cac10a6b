import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ScriptedEngineOptions, ScriptedSession } from '@saywire/speech/testing'
import { createScriptedEngine } from '@saywire/speech/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, vi } from 'vitest'
import type { LoginEnd } from '../../accounts/devices.ts'
import { createLeaseKeeper } from '../../billing/lease-keeper.ts'
import { createClientAddressReader } from '../../http/client-address.ts'
import { patient } from '../../testing/patient.ts'
import type { TestDatabase } from '../../testing/test-database.ts'
import { createTestDatabase } from '../../testing/test-database.ts'
import { createTestServices } from '../../testing/test-services.ts'
import { unbalancedUsers } from '../../testing/unbalanced-users.ts'
import type { StreamLimits } from '../stream-limits.ts'
import { createStreamServer } from '../stream-server.ts'
import { createWaitingRoom } from '../waiting-room.ts'
import type { TranscribeClient } from './transcribe-client.ts'
import { connectTranscribe } from './transcribe-client.ts'

/** Words that a scripted engine says. */
export const final = (startMs: number, endMs: number, text = 'hello') =>
  ({
    type: 'final',
    text,
    confidence: 0.9,
    words: [{ text: 'hello', startMs: 0, endMs: 400, confidence: 0.9 }],
    startMs,
    endMs,
    speechFinal: true,
  }) as const

interface StageOptions {
  readonly availableMs?: number
  readonly leaseMs?: number
  readonly limits?: Partial<StreamLimits>
  /** Default: the process has nothing to do. */
  readonly load?: { share: number }
  readonly engine?: ScriptedEngineOptions
  /** Between heartbeats; default: 50. */
  readonly flushMs?: number
  /** So many times the session cannot be settled. */
  readonly failSettles?: number
}

/**
 * Sets a test file up with a database of its own, in which the books balance after every test.
 * @returns starts a stream server for one test
 */
export function setStreamStage() {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(async () => database.drop())
  afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))
  return async (options?: StageOptions) => startStreamServer(database, options)
}

/**
 * A stream server on a real port over a scripted engine, and one user with credit in a real
 * database. Its token is `good`. It ends with the test.
 */
async function startStreamServer(database: TestDatabase, options: StageOptions = {}) {
  let failedSettles = 0
  let unspentMs: number | undefined
  const engine = createScriptedEngine(options.engine)
  let clockMs = 0
  const now = (): number => performance.now() + clockMs
  const log = pino({ level: 'silent' })
  const services = createTestServices(database)
  const email = `${randomUUID()}@example.org`
  const { user } = await services.accounts.register({ email, password: 'correct horse' })
  const userId = user.id
  const grant = async (amountMs: number) =>
    database.prisma.$transaction(async (db) =>
      services.ledger.grant(db, {
        userId,
        amountMs,
        kind: 'starting_credit',
        ref: randomUUID(),
        description: 'test',
      }),
    )
  const availableMs = options.availableMs ?? 3_600_000
  if (availableMs > 0) await grant(availableMs)
  const terms = {
    leaseMs: options.leaseMs ?? 60_000,
    settleEveryMs: 600_000,
    expiryMs: 15_000,
    staleMs: 5000,
    sessionsMaxPerUser: options.limits?.sessionsMaxPerUser ?? 2,
  }
  const leases = services.newLeases(terms)
  const keeper = createLeaseKeeper({
    leases: {
      ...leases,
      async settle(end) {
        if (options.failSettles && failedSettles++ < options.failSettles) throw new Error('away')
        return leases.settle(end)
      },
      async beat(usages) {
        const beats = await leases.beat(usages)
        unspentMs = beats.at(-1)?.unspentMs
        return beats
      },
    },
    terms,
    flushMs: options.flushMs ?? 50,
    now,
    log,
  })
  keeper.start()
  const logins = new Map<string, (why: LoginEnd) => void>()
  const stream = createStreamServer({
    engine,
    backendName: 'scripted',
    verifyToken: async (token) => (token === 'good' ? { userId, loginId: 'fam_1' } : undefined),
    loginWatch: {
      watch(loginId, onEnded) {
        logins.set(loginId, onEnded)
        return () => void logins.delete(loginId)
      },
      stop: () => undefined,
    },
    leases: keeper,
    load: options.load ?? { share: 0 },
    log,
    now,
    waitingRoom: createWaitingRoom({
      max: options.limits?.unauthenticatedMax ?? 500,
      maxPerAddress: 10,
      isLoopbackExempt: true,
    }),
    readAddress: createClientAddressReader(undefined),
    limits: { tickMs: 20, ...options.limits },
  })
  const http = createServer().listen(0, '127.0.0.1')
  http.on('upgrade', stream.handleUpgrade)
  await new Promise((resolve) => http.once('listening', resolve))
  onTestFinished(async () => {
    await stream.drain()
    keeper.stop()
    http.close()
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const speech = async (): Promise<ScriptedSession> =>
    vi.waitUntil(() => engine.sessions.at(-1), patient)
  return {
    url,
    engine,
    /** The client's user goes on with a session of another connection in its place. */
    async takeOver(client: TranscribeClient): Promise<TranscribeClient> {
      const { session_id } = await client.next('ready')
      const successor = await connectTranscribe(url)
      successor.send({ type: 'auth', token: 'good', resume: { session_id } })
      return successor
    },
    /** Comes back with what the last `ready` gave it. */
    async comeBack(client: TranscribeClient, horizonMs?: number): Promise<TranscribeClient> {
      const { session_id, resume_token } = await client.next('ready')
      const again = await connectTranscribe(url)
      const horizon = horizonMs === undefined ? {} : { horizon_ms: horizonMs }
      again.send({ type: 'auth', token: 'good', resume: { session_id, resume_token, ...horizon } })
      return again
    },
    /** Rows of this user's sessions, whatever their state. */
    rows: async () =>
      database.prisma.transcriptionSession.findMany({
        where: { userId },
        orderBy: { startedAt: 'asc' },
      }),
    stream,
    grant,
    /** What is watched for the end of a login. */
    logins,
    /** Ended sessions as their rows tell, oldest first. */
    ended: async () => {
      const rows = await database.prisma.transcriptionSession.findMany({
        where: { userId, endedAt: { not: null } },
        orderBy: { startedAt: 'asc' },
      })
      return rows.map(({ usedMs, endReason }) => ({ usedMs: Number(usedMs), reason: endReason }))
    },
    /** What the user has left, as the last heartbeat told the session; ms. */
    unspentMs: () => unspentMs,
    balance: async () => services.ledger.balance(database.prisma, userId),
    speech,
    /** Lets the server's clock jump. */
    advance: (ms: number) => (clockMs += ms),
    connect: async (config?: Record<string, unknown>) =>
      connectTranscribe(url, { token: 'good', ...(config ? { config } : {}) }),
  }
}
