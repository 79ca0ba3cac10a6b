import { resolve } from 'node:path'
import { askApp, NotRunningError } from '../control/control-client.ts'
import { CONTROL_VERBS, controlPath } from '../control/control-messages.ts'
import { describeStatus } from '../control/control-status.ts'

export interface CtlProgram {
  readonly isPackaged: boolean
  /** What the system runs; an AppImage names itself. */
  readonly executable: string
  /** The app's folder in a checkout. */
  readonly appPath: string
}

/** What keyboard tools and stream decks run, up to the verb. */
export function ctlCommandOf({ isPackaged, executable, appPath }: CtlProgram): string {
  if (isPackaged) return `${quoted(executable)} ctl`
  return `npm --prefix ${quoted(resolve(appPath, '..', '..'))} run -s saywire -- ctl`
}

const quoted = (path: string): string => (path.includes(' ') ? `"${path}"` : path)

/**
 * Where this program was started as `… ctl <verb>`, tells the app that runs.
 * @returns the exit code; undefined where it was started to be the app
 */
export async function tellRunningApp(
  argv: readonly string[],
  dataDir: string,
): Promise<number | undefined> {
  const at = argv.lastIndexOf('ctl')
  const verb = CONTROL_VERBS.find((one) => one === argv[at + 1])
  if (at < 1 || !verb) return undefined
  try {
    const answer = await askApp(controlPath(dataDir), verb)
    const said = answer.ok ? process.stdout : process.stderr
    said.write(`${answer.ok ? describeStatus(answer.status) : answer.message}\n`)
    return answer.ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}
