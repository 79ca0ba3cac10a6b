import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { SpeechEngine, SpeechSession } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { onTestFinished } from 'vitest'
import type { TestApp } from '../../src/testing/test-app.ts'
import { startTestApp } from '../../src/testing/test-app.ts'
import type { TestDatabase } from '../../src/testing/test-database.ts'
import type { HttpsAnswer, HttpsRequest } from './https-request.ts'
import { requestHttps } from './https-request.ts'
import type { Proxy as RunningProxy } from './proxy.ts'
import { startProxy } from './proxy.ts'

const HOST = 'captions.example.org'

/** Attempts to log in, a minute and client address. */
export const ATTEMPTS = 3

export interface ProxiedServer {
  readonly app: TestApp
  /** Sessions that it has begun. */
  readonly begunCount: () => number
}

export interface ProxiedServers {
  readonly servers: readonly [ProxiedServer, ProxiedServer]
  /** Where the proxy speaks TLS, and what a client needs to speak to it. */
  readonly url: string
  readonly options: {
    readonly ca: Buffer
    readonly servername: string
    readonly headers: Record<string, string>
  }
  readonly plainUrl: string
  ask(
    path: string,
    init?: Pick<HttpsRequest, 'method' | 'body' | 'localAddress'> & {
      readonly headers?: Record<string, string>
    },
  ): Promise<HttpsAnswer>
  /** Sessions that end from now on wait for the returned call: their server drains meanwhile. */
  holdEnds(): () => void
}

/** Two servers on one database behind the proxy, until the test ends. */
export async function startProxiedServers(
  program: 'nginx' | 'haproxy',
  database: TestDatabase,
): Promise<ProxiedServers> {
  const deepgram = await startFakeDeepgram()
  onTestFinished(async () => deepgram[Symbol.asyncDispose]())
  const held = { ends: Promise.resolve() }
  const engine = createDeepgramEngine({ apiKey: deepgram.apiKey, url: deepgram.url })
  // One database counts the attempts of both, over all tests.
  await database.query('DELETE FROM rate_limits')
  const servers = [
    await startServer(database, engine, held),
    await startServer(database, engine, held),
  ] as const
  const [httpPort = 0, httpsPort = 0] = await freePorts(2)
  const [first, second] = servers.map(({ app }) => Number(new URL(app.url).port))
  const serverPorts = [first ?? 0, second ?? 0] as const
  const proxy: RunningProxy = await startProxy({ program, httpPort, httpsPort, serverPorts })
  onTestFinished(proxy.stop)
  const url = `https://127.0.0.1:${httpsPort}`
  const options = { ca: proxy.ca, servername: HOST, headers: { host: HOST } }

  return {
    servers,
    url,
    options,
    plainUrl: `http://127.0.0.1:${httpPort}`,
    ask: async (path, init = {}) =>
      requestHttps(url + path, {
        ...options,
        ...init,
        headers: { ...options.headers, ...init.headers },
      }),
    holdEnds() {
      let release = (): void => undefined
      held.ends = new Promise((resolve) => {
        release = resolve
      })
      return () => release()
    },
  }
}

async function startServer(
  database: TestDatabase,
  engine: SpeechEngine,
  held: { readonly ends: Promise<void> },
): Promise<ProxiedServer> {
  let begun = 0
  const speech: SpeechEngine = {
    ...engine,
    async open(options, signal) {
      const session = await engine.open(options, signal)
      begun += 1
      return endingLate(session, held)
    },
  }
  const app = await startTestApp(database.url, {
    speech,
    allowedOrigins: [`https://${HOST}`],
    trustProxy: 1,
    authRatePerMinute: ATTEMPTS,
    isDatabaseOwned: false,
    streamLimits: { sessionsMaxPerUser: 20 },
  })
  onTestFinished(app.close)
  return { app, begunCount: () => begun }
}

function endingLate(session: SpeechSession, held: { readonly ends: Promise<void> }): SpeechSession {
  const close = session.close.bind(session)
  return Object.assign(session, { close: async () => held.ends.then(close) })
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = servers.map(
    async (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
      }),
  )
  const found = await Promise.all(ports)
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))))
  return found
}
