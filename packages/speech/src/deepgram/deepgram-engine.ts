import { DeepgramClient } from '@deepgram/sdk'
import type { TranscribeConfig } from '@saywire/protocol'
import { SpeechError } from '../speech-error.ts'
import type { SpeechEngine } from '../speech-engine.ts'
import { errorFromNetwork } from './deepgram-failures.ts'
import { DEFAULT_MODEL, deepgramQuery } from './deepgram-query.ts'
import { DeepgramSession } from './deepgram-session.ts'
import type { WebSocketTransport } from './deepgram-transport.ts'
import { dialDeepgram } from './deepgram-transport.ts'

export interface DeepgramEngineDeps {
  readonly apiKey: string
  /** Address to which `/v1/listen` is added. Default `wss://api.deepgram.com`. */
  readonly url?: string
  /** From dialling to an open stream. Default 5,000 ms. */
  readonly dialTimeoutMs?: number
  /** Time without audio after which Deepgram is told that we live; below its 10 s. Default 4,000 ms. */
  readonly keepAliveMs?: number
  /**
   * Time between WebSocket pings. Where two stay unanswered and nothing else comes, the stream is
   * `upstream_lost` at the time of the third. Default 5,000 ms.
   */
  readonly pingMs?: number
  /** Silence after which close() gives up the last finals; ten times as long in all. Default 3,000 ms. */
  readonly closeTimeoutMs?: number
}

/** Speech-to-text by Deepgram, over its live WebSocket (https://developers.deepgram.com). */
export function createDeepgramEngine(deps: DeepgramEngineDeps): SpeechEngine {
  const { apiKey, dialTimeoutMs = 5000, pingMs = 5000 } = deps
  return {
    isRemote: true,
    async open({ config, startMs = 0 }, signal) {
      const url = socketAddress(deps.url ?? 'wss://api.deepgram.com')
      checkKey(apiKey)
      const dialDeps = { apiKey, url, dialTimeoutMs, pingMs }
      const { connection, transport } = await dial(dialDeps, config, signal)
      const failure = await transport.dialled
      signal.throwIfAborted()
      if (failure) throw failure
      // Closed in the very moment of opening: nobody will hear that `close` any more.
      if (!transport.isOpen()) throw errorFromNetwork(undefined, url.host)
      return new DeepgramSession({
        connection,
        transport,
        signal,
        backend: `deepgram ${config.model ?? DEFAULT_MODEL}`,
        startMs: Math.round(startMs),
        keepAliveMs: deps.keepAliveMs ?? 4000,
        closeTimeoutMs: deps.closeTimeoutMs ?? 3000,
      })
    },
  }
}

interface DialDeps {
  readonly apiKey: string
  readonly url: URL
  readonly dialTimeoutMs: number
  readonly pingMs: number
}

/** Begins to connect; `transport.dialled` tells how it went. */
async function dial(deps: DialDeps, config: TranscribeConfig, signal: AbortSignal) {
  const { dialTimeoutMs, pingMs } = deps
  let transport: WebSocketTransport | undefined
  // A client of its own for each session: the SDK does not say which connection it dials for.
  const client = new DeepgramClient({
    apiKey: deps.apiKey,
    baseUrl: deps.url.href,
    transportFactory: (address, headers) => {
      transport = dialDeepgram(address, headers, { dialTimeoutMs, pingMs, signal })
      return transport
    },
  })
  const connection = await client.listen.v1.createConnection({
    model: config.model ?? DEFAULT_MODEL,
    queryParams: deepgramQuery(config),
    // The caller owns the audio and decides what to do about a lost stream.
    shouldReconnect: () => false,
    // Ours ends the dial; the SDK's must not come before it.
    connectionTimeoutInSeconds: (2 * dialTimeoutMs) / 1000,
  })
  signal.throwIfAborted()
  connection.connect()
  if (!transport) throw new Error('the SDK did not dial')
  return { connection, transport }
}

/**
 * The address in the form that a WebSocket takes; people paste the one of the REST API as well.
 * @throws SpeechError `bad_config`
 */
function socketAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (!address || !/^(ws|http)s?:$/.test(address.protocol) || address.hash || address.search) {
    const message = 'The Deepgram address is not one. It looks like wss://api.deepgram.com.'
    throw new SpeechError('bad_config', message)
  }
  address.protocol = address.protocol.replace('http', 'ws')
  return address
}

/** @throws SpeechError `unauthenticated` for what cannot be a key, before it reaches a header */
function checkKey(apiKey: string): void {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return
  const message = 'There is no valid Deepgram key. Create one in the Deepgram console and enter it.'
  throw new SpeechError('unauthenticated', message)
}
