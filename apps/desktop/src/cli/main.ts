#!/usr/bin/env node
import { OverlayError } from '../overlay/overlay-error.ts'
import { readEnv } from '../env.ts'
import { accountCommand, ACCOUNT_HELP } from './account-command.ts'
import { CAPTION_HELP, captionCommand } from './caption-command.ts'
import type { Console } from './console.ts'
import { processConsole } from './console.ts'
import { CTL_HELP, ctlCommand } from './ctl-command.ts'
import { EXIT, EXIT_CODES_HELP, exitCodeOf, UsageError } from './exit-codes.ts'
import { MODELS_HELP, modelsCommand } from './models-command.ts'
import { REPLAY_HELP, replayCommand } from './replay-command.ts'
import { SETUP_HELP, setupCommand } from './setup-command.ts'
import { START_HELP, startCommand } from './start-command.ts'

interface Command {
  readonly help: string
  run(args: string[], console: Console, env: ReturnType<typeof readEnv>): Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  caption: { help: CAPTION_HELP, run: captionCommand },
  start: { help: START_HELP, run: startCommand },
  setup: { help: SETUP_HELP, run: setupCommand },
  ctl: { help: CTL_HELP, run: ctlCommand },
  models: { help: MODELS_HELP, run: modelsCommand },
  replay: { help: REPLAY_HELP, run: replayCommand },
  register: { help: ACCOUNT_HELP, run: accountCommand('register') },
  login: { help: ACCOUNT_HELP, run: accountCommand('login') },
  logout: { help: ACCOUNT_HELP, run: accountCommand('logout') },
}

const HELP = `saywire: live captions.

  saywire caption    captions a recording, a microphone or a pipe
  saywire start      captions the microphone, with the overlay for OBS
  saywire setup      builds and fetches what the local engine needs
  saywire ctl        controls the app that runs
  saywire models     lists and fetches speech models
  saywire replay     runs a recorded session again
  saywire register | login | logout    an account on a Saywire server

  saywire <command> --help    tells everything about a command

${EXIT_CODES_HELP}
`

async function main(args: string[], console: Console): Promise<number> {
  const [name = '--help', ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    console.stdout.write(HELP)
    return EXIT.ok
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) throw new UsageError(`There is no command "${name}".`)
    if (rest.includes('--help') || rest.includes('-h')) {
      console.stdout.write(`${command.help}\n${EXIT_CODES_HELP}\n`)
      return EXIT.ok
    }
    return await command.run(rest, console, readEnv())
  } catch (error) {
    console.stderr.write(`${describe(error, name)}\n`)
    return error instanceof OverlayError ? EXIT.usage : exitCodeOf(error)
  }
}

/** One sentence for what we know; for a fault of our own, enough to report it. */
function describe(error: unknown, command: string): string {
  if (error instanceof UsageError) {
    const known = Object.hasOwn(COMMANDS, command) ? ` ${command}` : ''
    return `${error.message} See: saywire${known} --help`
  }
  if (error instanceof OverlayError) {
    const isPort = error.code === 'port_taken' || error.code === 'port_refused'
    return isPort ? `${error.message} The option is --overlay <port>.` : error.message
  }
  if (exitCodeOf(error) !== EXIT.internal) {
    return error instanceof Error ? error.message : String(error)
  }
  return `A fault in Saywire itself: ${error instanceof Error ? (error.stack ?? error) : String(error)}`
}

// What is still open (a model that loads, a socket) must not keep a finished command alive.
process.exit(await main(process.argv.slice(2), processConsole()))
