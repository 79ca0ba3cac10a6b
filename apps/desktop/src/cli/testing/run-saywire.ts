import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const TIMEOUT_MS = 120_000

export interface SaywireRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SaywireOptions {
  readonly env?: Record<string, string>
  readonly input?: Uint8Array | string
  /** Called with all of standard output so far; what it returns is sent as a signal, once. */
  readonly interruptWhen?: (stdout: string) => boolean
}

/** Runs the real command line in a process of its own, without a terminal. */
export async function runSaywire(
  args: readonly string[],
  options: SaywireOptions = {},
): Promise<SaywireRun> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN, ...args], {
    env: { ...process.env, ...options.env },
    timeout: TIMEOUT_MS,
  })
  let stdout = ''
  let stderr = ''
  let interrupted = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (interrupted || !options.interruptWhen?.(stdout)) return
    interrupted = true
    child.kill('SIGINT')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A command that fails early does not read its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}
