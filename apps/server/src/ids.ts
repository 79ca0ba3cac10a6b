import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/**
 * What an id names: account, ledger entry, login, purchase, transcription session, server process,
 * HTTP request, audit entry.
 */
export type IdPrefix = 'usr' | 'led' | 'fam' | 'pur' | 'ses' | 'srv' | 'req' | 'adt'
export type NewId = (prefix: IdPrefix) => string

/** `usr_` and 120 random bits that need no escaping anywhere. */
export const newId: NewId = (prefix) => `${prefix}_${randomBytes(15).toString('base64url')}`

/** An id as a client gives it back; the database refuses text with a NUL character. */
export const idSchema = z.string().regex(/^[\w-]{1,100}$/, 'must be an id as the API gives it')
