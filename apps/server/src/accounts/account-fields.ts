import { z } from 'zod'

const PASSWORD_MIN = 8
const PASSWORD_MAX = 256

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(z.regexes.email, 'must be an e-mail address')
  .meta({ description: 'Compared without case.', example: 'you@example.org' })

/** As a user chooses it. */
export const newPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX)
/** As it is compared with the one that was chosen. */
export const knownPassword = z.string().min(1).max(PASSWORD_MAX)
