import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createAccessTokens } from './accounts/access-tokens.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createAuthRateLimit } from './accounts/auth-rate-limit.ts'
import { createDevices } from './accounts/devices.ts'
import { createLoginWatch } from './accounts/login-watch.ts'
import { createPasswordHasher } from './accounts/password-hasher.ts'
import { createRefreshTokens } from './accounts/refresh-tokens.ts'
import { createWebLogins } from './accounts/web-logins.ts'
import { createAdministration } from './admin/administration.ts'
import { createLeaseKeeper } from './billing/lease-keeper.ts'
import { staleMsOf } from './billing/leasing-env.ts'
import { createLeases } from './billing/leases.ts'
import type { Leasing } from './billing/leasing-env.ts'
import { createLedger } from './billing/ledger.ts'
import { createShop } from './billing/selling.ts'
import type { Selling } from './billing/selling-env.ts'
import { openDatabase } from './database/database.ts'
import type { ServerDatabase } from './database/server-database.ts'
import { createCallerReader } from './http/caller.ts'
import type { TrustProxy } from './http/client-address.ts'
import { createClientAddressReader } from './http/client-address.ts'
import type { ConnectionLimits } from './http/connection-limits.ts'
import { defaultConnectionLimits, limitConnections } from './http/connection-limits.ts'
import { createHttpServer } from './http/http-server.ts'
import { createTrpcSocket } from './http/trpc-socket.ts'
import type { NewId } from './ids.ts'
import { createCallWatch } from './operations/call-watch.ts'
import type { Metrics } from './operations/metrics.ts'
import { createMetrics } from './operations/metrics.ts'
import type { Operations } from './operations/operations-env.ts'
import { createProcessLoad } from './operations/process-load.ts'
import { createReadiness } from './operations/readiness.ts'
import type { Tracing } from './operations/tracing.ts'
import { watchDatabase } from './operations/watch-database.ts'
import { readLiveAccounts } from './sessions/live-account.ts'
import { createLiveFeed } from './sessions/live-feed.ts'
import type { SpeechBackend } from './speech/backend.ts'
import type { StreamLimits } from './stream/stream-limits.ts'
import { defaultStreamLimits } from './stream/stream-limits.ts'
import { createStreamServer } from './stream/stream-server.ts'
import { createWaitingRoom } from './stream/waiting-room.ts'
import { createDailyUsage } from './usage/daily-usage.ts'
import { createSessionList } from './usage/session-list.ts'

export interface AppDeps {
  /** At this server's schema. `isOwned`: sessions that a crash left open are ended. */
  readonly database: Pick<ServerDatabase, 'url' | 'isOwned'>
  readonly jwtSecret: string
  readonly speech: SpeechBackend
  readonly startingCreditMinutes: number
  readonly selling: Selling
  /** Where browsers reach this server; undefined: where it listens. */
  readonly publicUrl: string | undefined
  readonly allowedOrigins: readonly string[]
  /** What `vite build` wrote; undefined: no dashboard. */
  readonly dashboardDir: string | undefined
  readonly trustProxy: TrustProxy
  /** Attempts to log in and the like, of one client address. */
  readonly authRatePerMinute: number
  readonly host: string
  readonly port: number
  readonly log: Logger
  readonly newId: NewId
  /** Epoch, ms. */
  readonly now: () => number
  readonly streamLimits?: Partial<StreamLimits>
  readonly connectionLimits?: Partial<ConnectionLimits> | undefined
  /** How often sockets are asked whether their browser's login has ended. Default: 30 s. */
  readonly loginCheckMs?: number | undefined
  readonly leasing: Leasing
  /** Default: nobody may see the metrics, and it ends at once when it is told to. */
  readonly operations?: Operations
  /** Default: its own. */
  readonly metrics?: Metrics
  /** Undefined: nothing is traced. */
  readonly tracing?: Tracing | undefined
}

export interface App {
  /**
   * @returns the server's URL
   * @throws Error naming PORT or HOST where the address is not to be had
   */
  listen(): Promise<string>
  /** Ends sessions in order, then everything else. Bounded in time; idempotent. */
  close(): Promise<void>
}

/** What runs because of a login may outlive it by so much. */
const LOGIN_CHECK_MS = 30_000
/** How long running requests may take to finish once the sessions are over. */
const REQUESTS_GRACE_MS = 2000

/** The server, put together. */
export function createApp(deps: AppDeps): App {
  const { log, newId, now, metrics = createMetrics() } = deps
  const database = openDatabase(deps.database.url, log)
  const { prisma } = database
  const ledger = createLedger({ newId })
  let listeningUrl = ''
  const shop = createShop({
    selling: deps.selling,
    prisma,
    ledger,
    publicUrl: () => deps.publicUrl ?? listeningUrl,
    newId,
    now,
    log,
  })
  const accessTokens = createAccessTokens({ secret: deps.jwtSecret, now })
  const webLogins = createWebLogins({ prisma, newId, now, secret: deps.jwtSecret })
  const accounts = createAccounts({
    prisma,
    ledger,
    accessTokens,
    passwords: createPasswordHasher(),
    refreshTokens: createRefreshTokens({ prisma, newId, now }),
    webLogins,
    newId,
    startingCreditMinutes: deps.startingCreditMinutes,
    onRegistered: shop.noticeRegistration,
  })
  const limits = {
    ...defaultStreamLimits,
    sessionsMax: deps.speech.sessionsMax,
    ...deps.speech.streamLimits,
    ...deps.streamLimits,
  }
  const readAddress = createClientAddressReader(deps.trustProxy)
  const readCaller = createCallerReader(readAddress)
  const waitingRoom = createWaitingRoom({
    max: limits.unauthenticatedMax,
    maxPerAddress: limits.unauthenticatedMaxPerAddress,
    isLoopbackExempt: deps.trustProxy === undefined,
  })
  const monotonicNow = (): number => performance.now()
  const terms = {
    ...deps.leasing,
    staleMs: staleMsOf(deps.leasing),
    sessionsMaxPerUser: limits.sessionsMaxPerUser,
  }
  const leases = createLeases({ prisma, ledger, newId, instance: newId('srv'), terms })
  const keeper = createLeaseKeeper({
    leases,
    terms,
    flushMs: deps.leasing.flushMs,
    now: monotonicNow,
    metrics,
    log,
  })
  const devices = createDevices({ prisma, now })
  const everyMs = deps.loginCheckMs ?? LOGIN_CHECK_MS
  const loginWatch = createLoginWatch({ devices, everyMs, log })
  const load = createProcessLoad()
  metrics.watch('saywire_event_loop_load', () => load.share)
  const stream = createStreamServer({
    load,
    loginWatch,
    engine: deps.speech.engine,
    backendName: deps.speech.name,
    verifyToken: async (token) => accessTokens.verify(token),
    leases: keeper,
    metrics,
    log,
    now: monotonicNow,
    waitingRoom,
    readAddress,
    limits,
  })
  const context = {
    accounts,
    accessTokens,
    webLogins,
    devices,
    authRateLimit: createAuthRateLimit({
      // Alone on its database, a process needs none for its counters.
      pool: deps.database.isOwned ? undefined : database.pool,
      perMinute: deps.authRatePerMinute,
    }),
    liveFeed: createLiveFeed({ read: async (userIds) => readLiveAccounts(prisma, userIds), log }),
    dailyUsage: createDailyUsage({ prisma, now }),
    sessionList: createSessionList({ prisma }),
    callWatch: createCallWatch(metrics, monotonicNow),
    administration: createAdministration({
      prisma,
      ledger,
      newId,
      now,
      costs: deps.selling.costs,
      terms,
    }),
    shop,
  }
  const trpcSocket = createTrpcSocket({
    context,
    readCaller,
    waitingRoom,
    limits,
    metrics,
    log,
    loginWatch,
  })
  let closing: Promise<void> | undefined
  let isClosing = false
  const readiness = createReadiness({
    pingDatabase: database.ping,
    speechHealth: () => deps.speech.health?.() ?? 'ok',
    isDraining: () => closing !== undefined,
    now: monotonicNow,
  })
  watchDatabase(metrics, database.pool, readiness)
  const server = createHttpServer({
    context,
    readCaller,
    readiness,
    trpcSocket,
    stream,
    stripeWebhook: shop.webhook,
    callers: deps,
    publicUrl: deps.publicUrl,
    dashboardDir: deps.dashboardDir,
    isClosing: () => isClosing,
    metrics,
    metricsToken: deps.operations?.metricsToken,
    tracing: deps.tracing,
    newId,
    now: monotonicNow,
    log,
  })
  const connections = { ...defaultConnectionLimits, ...deps.connectionLimits }
  limitConnections(server, connections, deps.trustProxy)

  async function shutDown(): Promise<void> {
    const { drainNoticeMs = 0 } = deps.operations ?? {}
    if (drainNoticeMs > 0 && server.listening) await sleep(drainNoticeMs)
    isClosing = true
    await stream.drain()
    keeper.stop()
    trpcSocket.close()
    loginWatch.stop()
    load.stop()
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeIdleConnections()
    const cutOff = setTimeout(() => server.closeAllConnections(), REQUESTS_GRACE_MS)
    await closed
    clearTimeout(cutOff)
    await deps.speech.engine.dispose?.()
    shop.stop()
    await database.close()
  }

  return {
    async listen() {
      if (deps.database.isOwned) {
        // Nobody else can be keeping them.
        const count = await leases.reap('everything')
        if (count > 0) log.warn({ count }, 'settled sessions that a crash had left open')
      }
      await database.warmUp()
      await readiness.check()
      keeper.start()
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => reject(explainListenError(error, deps)))
        server.listen(deps.port, deps.host, resolve)
      })
      // Not awaited: it may take minutes, and everything else works meanwhile.
      deps.speech.prepare?.().catch((error: unknown) => log.error({ err: error }, 'no speech yet'))
      const { port } = server.address() as AddressInfo
      const anywhere = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(deps.host)
      listeningUrl = `http://${anywhere ? 'localhost' : deps.host}:${port}`
      shop.start()
      return listeningUrl
    },
    async close() {
      closing ??= shutDown()
      return closing
    },
  }
}

function explainListenError(error: Error, { host, port }: AppDeps): Error {
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new Error(`Port ${port} is taken. Set PORT to another one, or end what uses it.`)
    case 'EACCES':
      return new Error(`Port ${port} is not allowed to this user. Set PORT to one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Error(`${host} is not an address of this machine. Set HOST to one that is.`)
    default:
      return error
  }
}
