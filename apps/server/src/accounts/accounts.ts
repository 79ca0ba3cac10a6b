import { AppError } from '../app-error.ts'
import type { Ledger } from '../billing/ledger.ts'
import type { Db } from '../database/database.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import { readUnspentMs } from '../sessions/live-account.ts'
import { accountBlocked } from './account-block.ts'
import type { AccessTokens } from './access-tokens.ts'
import { ACCESS_TOKEN_LIFETIME_S } from './access-tokens.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { lockLogins } from './login-lock.ts'
import type { IssuedToken, RefreshTokens } from './refresh-tokens.ts'
import type { WebLogins } from './web-logins.ts'

/** What a client gets for a login and for each refresh. */
export interface Login {
  readonly accessToken: string
  readonly refreshToken: string
  /** Life of the access token, in seconds. */
  readonly expiresInS: number
  readonly user: User
}

/** What a browser gets for a login. */
export interface WebSession {
  /** For the cookie. */
  readonly token: string
  readonly user: User
}

interface User {
  readonly id: string
  readonly email: string
}

export interface Credentials {
  /** Valid, trimmed, in lower case. */
  readonly email: string
  readonly password: string
  readonly deviceName?: string | undefined
}

export interface PasswordChange {
  readonly userId: string
  /** The login that goes on; undefined: none does. */
  readonly loginId: string | undefined
  readonly currentPassword: string
  readonly newPassword: string
}

export interface Account {
  readonly id: string
  readonly email: string
  /** Credit that is not used yet, ms. */
  readonly unspentMs: number
  readonly createdAt: Date
}

export interface Accounts {
  /** @throws AppError `email_taken`, `busy` */
  register(credentials: Credentials): Promise<Login>
  /**
   * @throws AppError `invalid_credentials` (alike for a wrong password and an unknown e-mail),
   * `account_blocked` (to who knows the password), `busy`
   */
  login(credentials: Credentials): Promise<Login>
  /** The same for a browser. */
  registerWeb(credentials: Credentials): Promise<WebSession>
  /** The same for a browser. */
  loginWeb(credentials: Credentials): Promise<WebSession>
  /** @throws AppError `unauthenticated`, `account_blocked` */
  refresh(refreshToken: string): Promise<Login>
  /** Ends this device's login. Its access token lives on for its last minutes. */
  logout(refreshToken: string): Promise<void>
  /**
   * Ends every other login of the user, too: whoever knew the old password is out.
   * @throws AppError `invalid_credentials` for a wrong current password, `busy`
   */
  changePassword(change: PasswordChange): Promise<void>
  /** @throws AppError `unauthenticated` where the account is gone */
  find(userId: string): Promise<Account>
}

export interface AccountsDeps {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly passwords: PasswordHasher
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly webLogins: WebLogins
  readonly newId: NewId
  /** Gift to a new account, in minutes of audio; whole. */
  readonly startingCreditMinutes: number
  /** Called after an account is committed; must neither throw nor take time. */
  readonly onRegistered?: () => void
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { prisma, ledger, passwords, accessTokens, refreshTokens, webLogins, newId } = deps

  async function toLogin({ id, email }: User, issued: IssuedToken): Promise<Login> {
    return {
      accessToken: await accessTokens.issue(id, issued.loginId),
      refreshToken: issued.token,
      expiresInS: ACCESS_TOKEN_LIFETIME_S,
      user: { id, email },
    }
  }

  /** @param begin what kind of login follows, in the same transaction */
  async function createUser<T>(
    { email, password, deviceName }: Credentials,
    begin: BeginLogin<T>,
  ): Promise<{ user: User; begun: T }> {
    const passwordHash = await passwords.hash(password)
    const user = { id: newId('usr'), email }
    const begun = await prisma
      .$transaction(async (db) => {
        await db.user.create({ data: { ...user, passwordHash } })
        await db.creditBalance.create({ data: { userId: user.id } })
        if (deps.startingCreditMinutes > 0) {
          await ledger.grant(db, {
            userId: user.id,
            kind: 'starting_credit',
            amountMs: deps.startingCreditMinutes * 60_000,
            ref: `starting:${user.id}`,
            description: 'Starting credit',
          })
        }
        return begin(db, user.id, deviceName)
      })
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error
        throw new AppError('email_taken', 'This e-mail address has an account. Log in instead.')
      })
    deps.onRegistered?.()
    return { user, begun }
  }

  async function logIn<T>(
    { email, password, deviceName }: Credentials,
    begin: BeginLogin<T>,
  ): Promise<{ user: User; begun: T }> {
    const user = await prisma.user.findUnique({ where: { email } })
    if (!(await passwords.matches(password, user?.passwordHash)) || !user) throw wrongCredentials()
    const begun = await prisma.$transaction(async (db) => {
      await lockLogins(db, user.id)
      // A password that was changed while its hash was compared opens no login any more.
      const now = await db.user.findUniqueOrThrow({ where: { id: user.id } })
      if (now.passwordHash !== user.passwordHash) throw wrongCredentials()
      if (now.blockedAt) throw accountBlocked()
      return begin(db, user.id, deviceName)
    })
    return { user, begun }
  }

  const beginApp: BeginLogin<IssuedToken> = refreshTokens.begin
  const beginWeb: BeginLogin<string> = webLogins.begin
  const toWebSession = ({ user, begun }: { user: User; begun: string }): WebSession => ({
    token: begun,
    user: { id: user.id, email: user.email },
  })

  return {
    async register(credentials) {
      const { user, begun } = await createUser(credentials, beginApp)
      return toLogin(user, begun)
    },
    async login(credentials) {
      const { user, begun } = await logIn(credentials, beginApp)
      return toLogin(user, begun)
    },
    registerWeb: async (credentials) => toWebSession(await createUser(credentials, beginWeb)),
    loginWeb: async (credentials) => toWebSession(await logIn(credentials, beginWeb)),

    async refresh(refreshToken) {
      const rotated = await refreshTokens.rotate(refreshToken)
      const user = await prisma.user.findUniqueOrThrow({ where: { id: rotated.userId } })
      return toLogin(user, rotated)
    },

    logout: async (refreshToken) => refreshTokens.endFamily(refreshToken),

    async changePassword({ userId, loginId, currentPassword, newPassword }) {
      const user = await prisma.user.findUnique({ where: { id: userId } })
      if (!(await passwords.matches(currentPassword, user?.passwordHash)) || !user) {
        throw new AppError('invalid_credentials', 'The current password is wrong. Try again.')
      }
      const passwordHash = await passwords.hash(newPassword)
      await prisma.$transaction(async (db) => {
        await lockLogins(db, userId)
        // Of two changes from the same old password, the second finds it gone.
        const { count } = await db.user.updateMany({
          where: { id: userId, passwordHash: user.passwordHash },
          data: { passwordHash },
        })
        if (count === 0) {
          throw new AppError('invalid_credentials', 'The password was changed just now. Try again.')
        }
        const others = loginId === undefined ? {} : { familyId: { not: loginId } }
        await db.refreshToken.deleteMany({ where: { userId, ...others } })
      })
    },

    async find(userId) {
      const user = await prisma.user.findUnique({ where: { id: userId } })
      if (!user) throw new AppError('unauthenticated', 'This account is gone. Register again.')
      const { id, email, createdAt } = user
      return { id, email, createdAt, unspentMs: await readUnspentMs(prisma, id) }
    },
  }
}

type BeginLogin<T> = (db: Db, userId: string, deviceName: string | undefined) => Promise<T>

/** Alike for an unknown address and a wrong password: nobody can ask who has an account. */
function wrongCredentials(): AppError {
  return new AppError('invalid_credentials', 'The e-mail address or the password is wrong.')
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}
