import { z } from 'zod'

/** Why an administrator does something: one line of 3 to 500 characters. */
export const adminReason = z
  .string()
  .trim()
  .regex(/^\P{Cc}{3,500}$/u, 'must be one line of 3 to 500 characters')

/** About two years of audio. */
const ADJUSTMENT_MAX_MS = 60_000_000_000
export const adjustmentMs = z
  .int('must be a whole number of ms')
  .min(-ADJUSTMENT_MAX_MS)
  .max(ADJUSTMENT_MAX_MS)
  .refine((ms) => ms !== 0, 'must not be 0')

/** Chosen by the client, new for each adjustment. */
export const adjustmentKey = z
  .string()
  .regex(/^[\w-]{8,100}$/, 'must be 8 to 100 of A-Z, a-z, 0-9, _ and -')

/** Part of an e-mail address, or an id. */
export const userSearch = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,254}$/u, 'must be 1 to 254 characters')

export const PAGE_DEFAULT = 50
export const PAGE_MAX = 200
export const pageLimit = z.int().min(1).max(PAGE_MAX)

export const MARGIN_DAYS_DEFAULT = 30
export const marginDays = z.int().min(1).max(366)
