import { errors, jwtVerify, SignJWT } from 'jose'

/** Short-lived proof of who is calling. Stateless: checking one costs no query. */
export interface AccessTokens {
  /** @param loginId the login that the token is issued to, where there is one: `fam_…` */
  issue(userId: string, loginId?: string): Promise<string>
  /** Undefined for anything but a valid token: expired, altered, another issuer's, nonsense. */
  verify(token: string): Promise<AccessTokenOwner | undefined>
}

export interface AccessTokenOwner {
  readonly userId: string
  readonly loginId: string | undefined
}

/** Life of an access token, in seconds. */
export const ACCESS_TOKEN_LIFETIME_S = 15 * 60
/** HS256 wants a key at least as long as its digest (RFC 7518, 3.2). */
export const JWT_SECRET_MIN_BYTES = 32

const ALGORITHM = 'HS256'
const ISSUER = 'saywire'
const AUDIENCE = 'saywire-api'
/** RFC 9068: a token of another kind by the same issuer is no access token. */
const TYPE = 'at+jwt'

/**
 * @param deps.now epoch, ms
 * @throws RangeError where the secret is shorter than 32 bytes
 */
export function createAccessTokens(deps: {
  readonly secret: string
  readonly now: () => number
}): AccessTokens {
  const key = new TextEncoder().encode(deps.secret)
  if (key.byteLength < JWT_SECRET_MIN_BYTES) {
    throw new RangeError(`the JWT secret must have at least ${JWT_SECRET_MIN_BYTES} bytes`)
  }

  return {
    async issue(userId, loginId) {
      const issuedAtS = Math.floor(deps.now() / 1000)
      return new SignJWT(loginId === undefined ? {} : { sid: loginId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + ACCESS_TOKEN_LIFETIME_S)
        .sign(key)
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          typ: TYPE,
          requiredClaims: ['sub', 'iat', 'exp'],
          // Bounds what a leaked key could mint with a far-off `exp`, too.
          maxTokenAge: ACCESS_TOKEN_LIFETIME_S,
          currentDate: new Date(deps.now()),
        })
        const { sub, sid } = payload
        if (!sub) return undefined
        return { userId: sub, loginId: typeof sid === 'string' ? sid : undefined }
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
