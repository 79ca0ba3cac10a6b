import { setTimeout as sleep } from 'node:timers/promises'
import type { AppRouter } from '@saywire/server/router'
import { CLOSE_CODE_BY_ERROR } from '@saywire/protocol'
import { SpeechError } from '@saywire/speech'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { WebSocket } from 'ws'
import { asServerError } from './server-client.ts'

const RETRY_FIRST_MS = 1000
const RETRY_LAST_MS = 30_000
/** A server that does not answer a ping in this time is gone, whatever TCP believes. */
const PONG_TIMEOUT_MS = 10_000

export interface LiveBalanceDeps {
  readonly serverUrl: string
  /**
   * A token that is valid for a while; asked for before each connection.
   * @param refused one that the server did not take
   */
  readonly getToken: (refused?: string) => Promise<string>
  /** Prepaid audio left, ms: now, and after every change. */
  onBalance(balanceMs: number): void
  /** The server cannot be reached now; it is tried again. */
  onUnreachable(error: SpeechError): void
  /** The login is of no use any more; nothing follows. */
  onRefused(): void
  readonly retryFirstMs?: number
}

/** Follows the balance at one server over a WebSocket, for as long as it takes. @returns stops it */
export function watchBalance(deps: LiveBalanceDeps): () => void {
  const stop = new AbortController()
  void follow(deps, stop.signal)
  return () => stop.abort()
}

async function follow(deps: LiveBalanceDeps, signal: AbortSignal): Promise<void> {
  const { retryFirstMs = RETRY_FIRST_MS } = deps
  let retryMs = retryFirstMs
  let refused: string | undefined
  while (!signal.aborted) {
    const onBalance = (balanceMs: number) => {
      retryMs = retryFirstMs
      if (!signal.aborted) deps.onBalance(balanceMs)
    }
    let token: string | undefined
    try {
      token = await deps.getToken(refused)
      if (signal.aborted) return
      await connect(deps.serverUrl, token, onBalance, signal)
    } catch (cause) {
      if (signal.aborted) return
      const error = asServerError(cause, deps.serverUrl)
      if (error.code !== 'unauthenticated') deps.onUnreachable(error)
      // A login whose token is refused may still give another one; one that gives none is over.
      else if (token === undefined) return deps.onRefused()
      else refused = token
    }
    await sleep(retryMs, undefined, { signal }).catch(() => undefined)
    retryMs = Math.min(retryMs * 2, RETRY_LAST_MS)
  }
}

/** Resolves when the signal comes; rejects when the connection or the subscription ends. */
async function connect(
  serverUrl: string,
  token: string,
  onBalance: (balanceMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let fail: (error: unknown) => void = () => undefined
  let stop: () => void = () => undefined
  const ended = new Promise<void>((resolve, reject) => {
    stop = resolve
    fail = reject
  })
  signal.addEventListener('abort', stop)
  const close = (cause?: { code?: number }) => {
    const isOver = cause?.code === CLOSE_CODE_BY_ERROR.unauthenticated
    const message = isOver
      ? `Your login at ${serverUrl} has ended.`
      : `${serverUrl} cannot be reached; it is tried again.`
    const code = isOver ? 'unauthenticated' : 'unreachable'
    fail(new SpeechError(code, message, { retryable: !isOver }))
  }
  const client = createWSClient({
    url: `${serverUrl.replace(/^http/, 'ws').replace(/\/$/, '')}/trpc`,
    // The same interface as a browser's, but for events that tRPC does not use.
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { token },
    keepAlive: { enabled: true, pongTimeoutMs: PONG_TIMEOUT_MS },
    // Its own next try would bring the old token: the loop above makes a new client instead.
    retryDelayMs: () => RETRY_LAST_MS,
    onClose: close,
    onError: () => close(),
  })
  const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  const subscription = trpc.billing.onBalance.subscribe(undefined, {
    onData: ({ balance_ms }) => onBalance(balance_ms),
    onError: fail,
    onComplete: close,
  })
  try {
    await ended
  } finally {
    signal.removeEventListener('abort', stop)
    subscription.unsubscribe()
    await client.close().catch(() => undefined)
  }
}
