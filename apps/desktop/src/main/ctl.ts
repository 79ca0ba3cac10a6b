import { resolve } from 'node:path'
import { askApp, NotRunningError } from '../control/control-client.ts'
import { controlPath, readControlRequest } from '../control/control-messages.ts'
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
 * Where this program was started as `… ctl <verb>`, tells the app that runs. What Chromium adds to a
 * command line begins with dashes.
 * @returns the exit code; undefined where it was started to be the app
 */
export async function tellRunningApp(
  argv: readonly string[],
  dataDir: string,
): Promise<number | undefined> {
  const at = argv.lastIndexOf('ctl')
  if (at < 1) return undefined
  const request = readControlRequest(argv.slice(at + 1).filter((word) => !word.startsWith('-')))
  if (!request) return undefined
  try {
    const answer = await askApp(controlPath(dataDir), request)
    const said = answer.ok ? process.stdout : process.stderr
    said.write(`${answer.ok ? describeStatus(answer.status) : answer.message}\n`)
    return answer.ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}
