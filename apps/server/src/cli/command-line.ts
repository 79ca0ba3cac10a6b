import { parseArgs } from 'node:util'
import type { OperatorCommand } from './operator-command.ts'
import { operatorOptions, readOperatorCommand } from './operator-command.ts'
import { UsageError } from './usage-error.ts'

/** What the operator asks for. */
export type Command = { readonly name: 'serve' } | { readonly name: 'help' } | OperatorTask

/** A command that uses the database. */
export type OperatorTask = (OperatorCommand | GrantCommand) & {
  /** The answer is for programs. */
  readonly isJson?: true
}

export interface GrantCommand {
  readonly name: 'grant'
  /** Or the user's id. */
  readonly email: string
  readonly minutes: number
  readonly reason: string | undefined
}

export const HELP = `saywire-server                                     run the server
saywire-server --help

Users (<user> is an e-mail address or an id)
saywire-server users list                          newest first, in pages
    --search <text>                                part of an e-mail address, or an id
saywire-server users show <user>                   with sessions and ledger
saywire-server users block <user> --reason <text>  end all logins and sessions, allow no more
saywire-server users unblock <user> --reason <text>
saywire-server credits grant <email> <minutes>     give a user credit, recorded in the ledger
    --reason <text>                                shown with it
saywire-server credits adjust <user> --reason <text>
    --add <ms> | --take <ms>                       of audio; never below 0
    --key <text>                                   the same key again changes nothing

Sessions, on all servers of the database
saywire-server sessions list                       those that run
saywire-server sessions end <session> --reason <text>

Administrators, who can do the same over the API
saywire-server admin grant <user>                  the first one can only be made here
saywire-server admin revoke <user>
    --reason <text>
    --last                                         also where none is left then (users block, too)

Accounts
saywire-server margins [--days <n>]                audio, provider's cost and revenue of each day, UTC
saywire-server audit [--user <user>]               what administrators did, newest first

All of them
    --json                                         for programs: what the API answers
    --limit <n>, --cursor <id>                     of lists: rows of a page, and where it begins

Exit codes: 0 done · 1 it could not be done, standard error says why · 2 the command line is wrong

A reason is one line of 3 to 500 characters. The variables in the README configure all of it. A command
uses the server's database, whether the server is running or not: give it the same DATABASE_URL or
SAYWIRE_DATA_DIR. In a checkout, \`npm run server -- …\` is \`saywire-server …\`.
`

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
  const { help, json, ...options } = values
  if (help) return { name: 'help' }
  if (positionals.length === 0 && Object.keys(values).length === 0) return { name: 'serve' }
  const isGrant = positionals[0] === 'credits' && positionals[1] === 'grant'
  const command = isGrant
    ? readGrant(positionals.slice(2), options)
    : readOperatorCommand(positionals, options)
  if (!command) throw new UsageError(`There is no command \`${positionals.join(' ')}\`.`)
  return json ? { ...command, isJson: true } : command
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        ...operatorOptions,
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function readGrant(
  [email, minutes, ...rest]: readonly string[],
  { reason, ...others }: { readonly [option: string]: string | boolean | undefined },
): GrantCommand {
  const [other] = Object.keys(others)
  if (other !== undefined) throw new UsageError(`\`credits grant\` takes no --${other}.`)
  if (email === undefined || minutes === undefined || rest.length > 0) {
    throw new UsageError('`credits grant` takes an e-mail address and a number of minutes.')
  }
  return {
    name: 'grant',
    email: email.includes('@') ? email.trim().toLowerCase() : email.trim(),
    minutes: parseMinutes(minutes),
    reason: parseReason(reason?.toString()),
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
