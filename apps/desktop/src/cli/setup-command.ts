import { parseArgs } from 'node:util'
import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import { prepareEngine } from '../engines.ts'
import type { DesktopEnv } from '../env.ts'
import { parsed } from './arguments.ts'
import { interruptSignal, showProgress } from './caption-run.ts'
import type { Console } from './console.ts'
import { EXIT } from './exit-codes.ts'

export const SETUP_HELP = `saywire setup

  Builds the speech library for this processor and fetches the default model, where they are not
  there yet, so that the first captions need not wait for them.
`

/** `saywire setup`. Returns the exit code; throws what main() describes. */
export async function setupCommand(
  args: string[],
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  parsed(() => parseArgs({ args }))
  const signal = interruptSignal(console)
  const progress = showProgress(console, (sentence) => void console.stderr.write(`${sentence}\n`))
  const choice = { kind: 'local', localModel: DEFAULT_MODEL, serverUrl: undefined } as const
  try {
    await prepareEngine(choice, env, progress, signal)
    return EXIT.ok
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted
    throw error
  } finally {
    progress.done()
  }
}
