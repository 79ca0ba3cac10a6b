import { AppError } from '../app-error.ts'
import type { Ledger } from '../billing/ledger.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import type { AccessTokens } from './access-tokens.ts'
import { ACCESS_TOKEN_LIFETIME_S } from './access-tokens.ts'
import type { PasswordHasher } from './password-hasher.ts'
import type { RefreshTokens } from './refresh-tokens.ts'

/** What a client gets for a login and for each refresh. */
export interface Login {
  readonly accessToken: string
  readonly refreshToken: string
  /** Life of the access token, in seconds. */
  readonly expiresInS: number
  readonly user: { readonly id: string; readonly email: string }
}

export interface Credentials {
  /** Valid, trimmed, in lower case. */
  readonly email: string
  readonly password: string
  readonly deviceName?: string | undefined
}

export interface Account {
  readonly id: string
  readonly email: string
  readonly availableMs: number
  readonly createdAt: Date
}

export interface Accounts {
  /** @throws AppError `email_taken`, `busy` */
  register(credentials: Credentials): Promise<Login>
  /** @throws AppError `invalid_credentials` (alike for a wrong password and an unknown e-mail), `busy` */
  login(credentials: Credentials): Promise<Login>
  /** @throws AppError `unauthenticated` */
  refresh(refreshToken: string): Promise<Login>
  /** Ends this device's login. Its access token lives on for its last minutes. */
  logout(refreshToken: string): Promise<void>
  /** @throws AppError `unauthenticated` where the account is gone */
  find(userId: string): Promise<Account>
}

export interface AccountsDeps {
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly passwords: PasswordHasher
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly newId: NewId
  /** Gift to a new account, in minutes of audio; whole. */
  readonly startingCreditMinutes: number
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { prisma, ledger, passwords, accessTokens, refreshTokens, newId } = deps

  async function toLogin(
    user: { id: string; email: string },
    refreshToken: string,
  ): Promise<Login> {
    return {
      accessToken: await accessTokens.issue(user.id),
      refreshToken,
      expiresInS: ACCESS_TOKEN_LIFETIME_S,
      user: { id: user.id, email: user.email },
    }
  }

  return {
    async register({ email, password, deviceName }) {
      const passwordHash = await passwords.hash(password)
      const user = { id: newId('usr'), email }
      const refreshToken = await prisma
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
          return refreshTokens.begin(db, user.id, deviceName)
        })
        .catch((error: unknown) => {
          if (!isUniqueViolation(error)) throw error
          throw new AppError('email_taken', 'This e-mail address has an account. Log in instead.')
        })
      return toLogin(user, refreshToken)
    },

    async login({ email, password, deviceName }) {
      const user = await prisma.user.findUnique({ where: { email } })
      if (!(await passwords.matches(password, user?.passwordHash)) || !user) {
        throw new AppError('invalid_credentials', 'The e-mail address or the password is wrong.')
      }
      return toLogin(user, await refreshTokens.begin(prisma, user.id, deviceName))
    },

    async refresh(refreshToken) {
      const rotated = await refreshTokens.rotate(refreshToken)
      const user = await prisma.user.findUniqueOrThrow({ where: { id: rotated.userId } })
      return toLogin(user, rotated.token)
    },

    logout: async (refreshToken) => refreshTokens.endFamily(refreshToken),

    async find(userId) {
      const user = await prisma.user.findUnique({ where: { id: userId } })
      if (!user) throw new AppError('unauthenticated', 'This account is gone. Register again.')
      const { id, email, createdAt } = user
      return { id, email, createdAt, availableMs: await ledger.availableMs(prisma, id) }
    },
  }
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}
