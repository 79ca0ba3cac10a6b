import { z } from 'zod'

/** What the table in the README says of a variable that is not set. */
interface VariableMeta {
  readonly description: string
  readonly fallback: string
}

/** Both as the README prints them. */
export const about = (description: string, fallback: string): VariableMeta => ({
  description,
  fallback,
})

/** What each variable of the configuration means, for the README. */
export const meanings = z.registry<VariableMeta>()

/** A variable that holds a whole number, bounds included. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))

/**
 * A variable that holds a URL.
 * @param protocol matches the scheme, without its colon
 * @param example shown to whoever set another one
 */
export const address = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be an address such as ${example}` })

/** A decimal with up to `digits` places, as the whole number of its smallest unit: no float on the way. */
export const decimal = (digits: number, example: string) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,6}(\\.\\d{1,${digits}})?$`), `must be a number such as ${example}`)
    .transform((text) => {
      const [whole = '', places = ''] = text.split('.')
      return Number(whole + places.padEnd(digits, '0'))
    })
