import { UsageError } from './exit-codes.ts'

/**
 * Runs Node's own `parseArgs`, with what it complains about as a UsageError.
 * @throws UsageError
 */
export function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError(message.split('\n')[0] ?? message)
  }
}

/** A whole number within bounds. @throws UsageError naming the option */
export function parseWhole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not "${text}".`)
}
