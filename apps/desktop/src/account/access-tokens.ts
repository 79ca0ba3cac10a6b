import { SpeechError } from '@saywire/speech'
import { z } from 'zod'
import type { SecretStore } from './secret-store.ts'
import { SECRET_NAMES } from './secret-store.ts'
import type { ServerClient } from './server-client.ts'
import { asServerError, createServerClient } from './server-client.ts'

/** A token with less life than this is exchanged before it is used. */
const MIN_LIFE_MS = 60_000

const loginSchema = z.object({
  email: z.string(),
  accessToken: z.string(),
  expiresAtMs: z.number(),
  refreshToken: z.string(),
})
type Login = z.infer<typeof loginSchema>
type LoginAnswer = Awaited<ReturnType<ServerClient['auth']['login']['mutate']>>

/** This machine's login at one server. */
export interface AccessTokens {
  /** A token that is valid for a while. @throws SpeechError `unauthenticated`, `unreachable` */
  get(): Promise<string>
  /** Logs in, or registers; the login is kept. @throws SpeechError */
  enter(how: 'login' | 'register', email: string, password: string): Promise<void>
  /** Ends the login here and on the server; false where there was none. */
  leave(): Promise<boolean>
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

  async function renew(stored: string | undefined): Promise<string> {
    const login = parseLogin(stored)
    if (!login) throw notLoggedIn(serverUrl)
    if (stored && login.expiresAtMs - now() >= MIN_LIFE_MS) return stored
    try {
      return toLogin(await client.auth.refresh.mutate({ refresh_token: login.refreshToken }))
    } catch (cause) {
      const error = asServerError(cause, serverUrl)
      throw error.code === 'unauthenticated' ? notLoggedIn(serverUrl) : error
    }
  }

  return {
    async get() {
      if (accessToken !== undefined) return accessToken
      const login = parseLogin(await secrets.update(name, renew))
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
      try {
        await client.auth.logout.mutate({ refresh_token: login.refreshToken })
      } catch (cause) {
        throw asServerError(cause, serverUrl)
      }
      return true
    },
  }
}

function parseLogin(stored: string | undefined): Login | undefined {
  if (stored === undefined) return undefined
  const parsed = loginSchema.safeParse(JSON.parse(stored))
  return parsed.success ? parsed.data : undefined
}

function notLoggedIn(serverUrl: string): SpeechError {
  const command = `npm run saywire -- login --server ${serverUrl} --email YOU`
  return new SpeechError(
    'unauthenticated',
    `You are not logged in at ${serverUrl}. Run: ${command}`,
  )
}
