import { parseArgs } from 'node:util'

/** What the operator asks for. */
export type Command =
  | { readonly name: 'serve' | 'help' }
  | {
      readonly name: 'grant'
      readonly email: string
      readonly minutes: number
      readonly reason: string | undefined
    }

export const HELP = `saywire-server                                     run the server
saywire-server credits grant <email> <minutes>     give a user credit, recorded in the ledger
    --reason <text>                                shown with it
saywire-server --help

The variables in the README configure all of it. A command uses the server's database, whether the
server is running or not: give it the same DATABASE_URL or SAYWIRE_DATA_DIR. In a checkout,
\`npm run server -- …\` is \`saywire-server …\`.
`

/** Wrong words on the command line. The message says which, and what they should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The largest grant, in minutes: about two years. */
const MINUTES_MAX = 1_000_000
const REASON_MAX = 200
const REASON = new RegExp(`^\\P{Cc}{1,${REASON_MAX}}$`, 'u')

/**
 * @param args what follows the program's name
 * @throws UsageError
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { name: 'help' }
  const [group, action, ...operands] = positionals
  if (group === undefined && values.reason === undefined) return { name: 'serve' }
  if (group !== 'credits' || action !== 'grant') {
    throw new UsageError(`There is no command \`${positionals.join(' ')}\`.`)
  }
  const [email, minutes, ...rest] = operands
  if (email === undefined || minutes === undefined || rest.length > 0) {
    throw new UsageError('`credits grant` takes an e-mail address and a number of minutes.')
  }
  return {
    name: 'grant',
    email: email.trim().toLowerCase(),
    minutes: parseMinutes(minutes),
    reason: parseReason(values.reason),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, reason: { type: 'string' } },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function parseMinutes(text: string): number {
  const minutes = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (minutes >= 1 && minutes <= MINUTES_MAX) return minutes
  throw new UsageError(`Minutes are a whole number from 1 to ${MINUTES_MAX}, not \`${text}\`.`)
}

function parseReason(text: string | undefined): string | undefined {
  const reason = text?.trim()
  if (reason === undefined || REASON.test(reason)) return reason
  throw new UsageError(`A reason is one line of 1 to ${REASON_MAX} characters.`)
}
