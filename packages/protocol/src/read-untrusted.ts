import { z } from 'zod'

/** @returns undefined where the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Checks what came over a network, and never throws. zod compares the `length` of whatever has one
 * before it knows what that is: of `{"length":{"valueOf":0}}` no number can be made, and its
 * `safeParse` throws. Here that is input like any other that does not fit.
 */
export function readUntrusted<S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.ZodSafeParseResult<z.output<S>> {
  try {
    return schema.safeParse(value)
  } catch {
    return z.never('is not valid').safeParse(undefined)
  }
}
