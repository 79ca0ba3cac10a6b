import { createHash, randomBytes } from 'node:crypto'

/** How long a login lasts after its last use. */
export const LOGIN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000
const TOKEN_BYTES = 32

/** An opaque token of 256 random bits. */
export function newLoginToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** What the database keeps of it. 256 random bits need no slow hash: there is nothing to guess. */
export function hashLoginToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
