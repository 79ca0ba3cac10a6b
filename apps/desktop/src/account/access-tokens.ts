import { SpeechError } from '@saywire/speech'
import { z } from 'zod'
import type { SecretStore } from './secret-store.ts'
import { SECRET_NAMES } from './secret-store.ts'
import type { ServerClient } from './server-client.ts'
import { asServerError, createServerClient } from './server-client.ts'

/** A token with less life than this is exchanged before it is used. */
const MIN_LIFE_MS = 60_000
/** How long a token is used that does not say how long it lasts. */
const ADOPTED_LIFE_MS = 15 * 60_000

const loginSchema = z.object({
  email: z.string(),
  accessToken: z.string(),
  expiresAtMs: z.number(),
  /** Missing where only an access token was handed over. */
  refreshToken: z.string().optional(),
})
type Login = z.infer<typeof loginSchema>
type LoginAnswer = Awaited<ReturnType<ServerClient['auth']['login']['mutate']>>

/** This machine's login at one server. */
export interface AccessTokens {
  /**
   * A token that is valid for a while.
   * @param refused one that the server does not take any more: it is exchanged, however fresh
   * @throws SpeechError `unauthenticated`, `unreachable`
   */
  get(refused?: string): Promise<string>
  /** Logs in, or registers; the login is kept. @throws SpeechError */
  enter(how: 'login' | 'register', email: string, password: string): Promise<void>
  /** Ends the login here and on the server; false where there was none. */
  leave(): Promise<boolean>
  /** Whose login is kept here, also where it is of no use any more; undefined where there is none. */
  email(): Promise<string | undefined>
  /**
   * Keeps an access token as a login that lasts as long as the token does; false where the server
   * does not take it. @throws SpeechError `unreachable`
   */
  adopt(accessToken: string): Promise<boolean>
}

export interface AccessTokensDeps {
  readonly serverUrl: string
  readonly secrets: SecretStore
  /** Used as it is instead of a stored login. */
  readonly accessToken?: string | undefined
  readonly deviceName?: string
  /** Epoch, ms. */
  readonly now?: () => number
}

/**
 * A refresh token is for one use: it is exchanged while no other process of this user can, since
 * the server takes a second use for theft and ends the login.
 */
export function createAccessTokens(deps: AccessTokensDeps): AccessTokens {
  const { secrets, accessToken, now = Date.now } = deps
  const serverUrl = deps.serverUrl.replace(/\/$/, '')
  const name = SECRET_NAMES.login(serverUrl)
  const client = createServerClient(serverUrl)

  function toLogin(answer: LoginAnswer): string {
    return JSON.stringify({
      email: answer.user.email,
      accessToken: answer.access_token,
      expiresAtMs: now() + answer.expires_in * 1000,
      refreshToken: answer.refresh_token,
    } satisfies Login)
  }

  async function renew(stored: string | undefined, refused?: string): Promise<string> {
    const login = parseLogin(stored)
    if (!login || stored === undefined) throw notLoggedIn(serverUrl)
    const isFresh = login.expiresAtMs - now() >= MIN_LIFE_MS
    if (isFresh && login.accessToken !== refused) return stored
    if (login.refreshToken === undefined) throw notLoggedIn(serverUrl)
    try {
      return toLogin(await client.auth.refresh.mutate({ refresh_token: login.refreshToken }))
    } catch (cause) {
      const error = asServerError(cause, serverUrl)
      throw error.code === 'unauthenticated' ? notLoggedIn(serverUrl) : error
    }
  }

  return {
    async get(refused) {
      if (accessToken !== undefined) return accessToken
      const login = parseLogin(await secrets.update(name, async (now) => renew(now, refused)))
      if (!login) throw notLoggedIn(serverUrl)
      return login.accessToken
    },
    async enter(how, email, password) {
      const device_name = deps.deviceName
      const input = { email, password, ...(device_name === undefined ? {} : { device_name }) }
      try {
        const answer = await client.auth[how].mutate(input)
        await secrets.update(name, async () => toLogin(answer))
      } catch (cause) {
        throw asServerError(cause, serverUrl)
      }
    },
    async leave() {
      const login = parseLogin(await secrets.get(name))
      await secrets.update(name, async () => undefined)
      if (!login) return false
      if (login.refreshToken === undefined) return true
      try {
        await client.auth.logout.mutate({ refresh_token: login.refreshToken })
      } catch (cause) {
        throw asServerError(cause, serverUrl)
      }
      return true
    },
    email: async () => parseLogin(await secrets.get(name))?.email,
    async adopt(token) {
      try {
        const { email } = await createServerClient(serverUrl, async () => token).account.me.query()
        const expiresAtMs = expiryOf(token) ?? now() + ADOPTED_LIFE_MS
        const login = { email, accessToken: token, expiresAtMs } satisfies Login
        await secrets.update(name, async () => JSON.stringify(login))
        return true
      } catch (cause) {
        const error = asServerError(cause, serverUrl)
        if (error.code === 'unreachable') throw error
        return false
      }
    },
  }
}

/** Epoch, ms, as the token says itself: good enough to know when not to use it any more. */
function expiryOf(token: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    )
    return z.object({ exp: z.number() }).parse(payload).exp * 1000
  } catch {
    return undefined
  }
}

function parseLogin(stored: string | undefined): Login | undefined {
  if (stored === undefined) return undefined
  try {
    return loginSchema.parse(JSON.parse(stored))
  } catch {
    // Damaged: as good as none.
    return undefined
  }
}

function notLoggedIn(serverUrl: string): SpeechError {
  return new SpeechError(
    'unauthenticated',
    `You are not logged in at ${serverUrl}. Log in in the app's settings, or run: saywire login --server ${serverUrl} --email YOU`,
  )
}
