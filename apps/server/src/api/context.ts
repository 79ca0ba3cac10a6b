import type { AccessTokens } from '../accounts/access-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { LiveSessions } from '../sessions/live-sessions.ts'

/** What procedures work with; the same for every request. */
export interface InnerContext {
  readonly accounts: Accounts
  readonly accessTokens: AccessTokens
  readonly live: LiveSessions
}

/** The inner context, and who says to be calling. */
export interface Context extends InnerContext {
  /** Access token as it came, not yet verified. */
  readonly token: string | undefined
}

/** @param authorization value of the HTTP header, `Bearer …` */
export function withBearer(inner: InnerContext, authorization: string | undefined): Context {
  return { ...inner, token: /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] }
}
