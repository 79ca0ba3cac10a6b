import { AppError } from '../app-error.ts'
import type { Context } from './context.ts'

/** Who is calling, verified. */
export interface Identity {
  readonly userId: string
  /** The login that this call is made with; unknown to access tokens of no login. */
  readonly loginId: string | undefined
  /** By cookie, the browser has added it to the call of its own accord. */
  readonly by: 'token' | 'cookie'
}

/**
 * The access token counts where there is one, otherwise the cookie.
 * @returns undefined where neither is valid any more
 */
export async function identify(
  context: Pick<Context, 'caller' | 'accessTokens' | 'webLogins'>,
): Promise<Identity | undefined> {
  const { token, cookie } = context.caller
  if (token !== undefined) {
    const owner = await context.accessTokens.verify(token)
    return owner && { ...owner, by: 'token' }
  }
  const login = cookie === undefined ? undefined : await context.webLogins.find(cookie)
  return login && { ...login, by: 'cookie' }
}

/** @throws AppError `unauthenticated` */
export async function requireIdentity(context: Parameters<typeof identify>[0]): Promise<Identity> {
  const identity = await identify(context)
  if (!identity) throw new AppError('unauthenticated', 'Log in first, or refresh the access token.')
  return identity
}

/**
 * A change that is asked for by cookie must come with that login's CSRF token.
 * @throws AppError `forbidden`
 */
export function requireCsrfToken({ caller, webLogins }: Pick<Context, 'caller' | 'webLogins'>) {
  const { cookie, csrfToken } = caller
  if (cookie !== undefined && csrfToken !== undefined) {
    if (webLogins.isCsrfTokenOf(cookie, csrfToken)) return
  }
  throw new AppError('forbidden', 'This page is out of date. Reload it, and try again.')
}
