import { randomBytes } from 'node:crypto'

/** What an id names: account, ledger entry, login, purchase, transcription session, server process. */
export type IdPrefix = 'usr' | 'led' | 'fam' | 'pur' | 'ses' | 'srv'
export type NewId = (prefix: IdPrefix) => string

/** `usr_` and 120 random bits that need no escaping anywhere. */
export const newId: NewId = (prefix) => `${prefix}_${randomBytes(15).toString('base64url')}`
