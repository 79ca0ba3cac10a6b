import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** 256 random bits, base64url: it opens something to whoever bears it, and says nothing. */
export function newOpaqueToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/**
 * What the database keeps of it: SHA-256, hexadecimal. 256 random bits need no slow hash: there is
 * nothing to guess.
 */
export function hashOpaqueToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
