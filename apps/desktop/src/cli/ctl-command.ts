import { parseArgs } from 'node:util'
import { askApp } from '../control/control-client.ts'
import { CONTROL_VERBS, controlPath, readControlRequest } from '../control/control-messages.ts'
import { describeStatus } from '../control/control-status.ts'
import type { DesktopEnv } from '../env.ts'
import { parsed } from './arguments.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './exit-codes.ts'

export const CTL_HELP = `saywire ctl start | stop | toggle | mute | unmute | language [TAG] | status [--json]

  Controls the app that runs: for keyboard tools where the desktop delivers no global hotkeys, for
  stream decks and scripts. language goes to the next of the languages that the app's hotkey goes
  through, or to the one that is named, such as de; captions go on. --json prints the app's state as
  JSON.
`

const OPTIONS = { json: { type: 'boolean', default: false } } as const

/** `saywire ctl`. Returns the exit code; throws what main() describes. */
export async function ctlCommand(
  args: string[],
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args, options: OPTIONS, allowPositionals: true }),
  )
  const request = readControlRequest(positionals)
  if (!request) {
    throw new UsageError(`It is one of ${CONTROL_VERBS.join(', ')}; language may name a tag.`)
  }
  const answer = await askApp(controlPath(env.dataDir), request)
  if (values.json) console.stdout.write(`${JSON.stringify(answer)}\n`)
  if (!answer.ok) {
    console.stderr.write(`${answer.message}\n`)
    return EXIT.engine
  }
  if (!values.json) console.stdout.write(`${describeStatus(answer.status)}\n`)
  return EXIT.ok
}
