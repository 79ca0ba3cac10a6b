import type { AccessTokens } from '../accounts/access-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { AuthRateLimit } from '../accounts/auth-rate-limit.ts'
import type { Devices } from '../accounts/devices.ts'
import type { WebLogins } from '../accounts/web-logins.ts'
import type { Administration } from '../admin/administration.ts'
import type { Shop } from '../billing/selling.ts'
import type { CallWatch } from '../operations/call-watch.ts'
import type { Span } from '../operations/tracing.ts'
import type { LiveFeed } from '../sessions/live-feed.ts'
import type { DailyUsage } from '../usage/daily-usage.ts'
import type { SessionList } from '../usage/session-list.ts'

/** What procedures work with; the same for every request. */
export interface InnerContext {
  readonly accounts: Accounts
  readonly accessTokens: AccessTokens
  readonly webLogins: WebLogins
  readonly devices: Devices
  readonly authRateLimit: AuthRateLimit
  readonly liveFeed: LiveFeed
  readonly dailyUsage: DailyUsage
  readonly sessionList: SessionList
  readonly callWatch: CallWatch
  readonly administration: Administration
  readonly shop: Pick<Shop, 'isOpen' | 'packages' | 'custom' | 'begin' | 'verify'>
}

/** What a request says about who is calling. Only the address is known to be true. */
export interface Caller {
  /** Of the client, or of its network: what limits are kept by. */
  readonly address: string
  /** Access token as it came. */
  readonly token: string | undefined
  /** Token of a browser's login, from its cookie. */
  readonly cookie: string | undefined
  readonly csrfToken: string | undefined
  /** The header `Idempotency-Key`: names what the user did, so that a repetition is known as one. */
  readonly idempotencyKey: string | undefined
  readonly userAgent: string | undefined
  /** For the logs, the audit log among them. */
  readonly requestId?: string | undefined
  /** Of the request, in its trace; undefined where nothing is traced. */
  readonly span?: Span | undefined
  /**
   * Gives the browser its login; the token undefined takes it away. Absent where the answer can
   * carry no cookie: over WebSocket, on REST, in a stream.
   */
  readonly setCookie: ((token: string | undefined) => void) | undefined
}

/** The inner context, and who says to be calling. */
export interface Context extends InnerContext {
  readonly caller: Caller
}
