/** Wrong words on the command line. The message says which, and what they should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
