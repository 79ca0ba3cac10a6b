import type { AppRouter } from '@saywire/server/router'
import { SpeechError } from '@saywire/speech'
import type { TRPCClient } from '@trpc/client'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'

const REQUEST_TIMEOUT_MS = 15_000

export type ServerClient = TRPCClient<AppRouter>

/**
 * The server's API, typed by the server's own router.
 * @param getToken asked for before each call; undefined: calls that need no login
 */
export function createServerClient(
  serverUrl: string,
  getToken?: () => Promise<string>,
): ServerClient {
  if (!URL.canParse(serverUrl) || !/^https?:/.test(serverUrl)) {
    const message = `The server address "${serverUrl}" is not one. It looks like https://host.`
    throw new SpeechError('bad_config', message)
  }
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${serverUrl.replace(/\/$/, '')}/trpc`,
        headers: async () => (getToken ? { authorization: `Bearer ${await getToken()}` } : {}),
        fetch: async (url, options) =>
          fetch(url, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }),
      }),
    ],
  })
}

/** What went wrong between us and the server, as one sentence for the user. */
export function asServerError(cause: unknown, serverUrl: string): SpeechError {
  if (cause instanceof SpeechError) return cause
  if (cause instanceof TRPCClientError && cause.data) {
    const data = cause.data as { httpStatus?: number; code?: string; error?: { code?: string } }
    if (data.error?.code === 'account_blocked') {
      return new SpeechError('account_blocked', cause.message, { cause })
    }
    const refused = data.httpStatus === 401 || data.code === 'UNAUTHORIZED'
    return new SpeechError(refused ? 'unauthenticated' : 'internal', cause.message, { cause })
  }
  const message = `${serverUrl} cannot be reached. Check the address and the network.`
  return new SpeechError('unreachable', message, { retryable: true, cause })
}
