import { randomBytes } from 'node:crypto'

/** `20261121-201503-a1b2c3`: a name for what belongs to a session, never a path. */
export const SESSION_ID = /^\d{8}-\d{6}-[0-9a-f]{6}$/

/** Sorts by time (UTC); the last part tells sessions of the same second apart. */
export function sessionId(startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  return `${time}-${randomBytes(3).toString('hex')}`
}
