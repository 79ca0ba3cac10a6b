import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createAccessTokens } from '../src/accounts/access-tokens.ts'
import type { BenchRun } from './report.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
export const JWT_SECRET = 'for benches only, never a real one'
const START_TIMEOUT_MS = 120_000

/** The server's own program in a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** It has not ended. */
  readonly isUp: boolean
  /** Sends the signal, and resolves when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

export interface ServerProcessOptions {
  /** What stands before Node, such as `taskset -c 0`. */
  readonly command?: readonly string[]
  /** Flags of Node's own. */
  readonly flags?: readonly string[]
  /** Hears what it prints: nothing but errors, unless LOG_LEVEL says otherwise. */
  readonly onOutput?: ((text: string) => void) | undefined
}

/**
 * Starts a server on a free port. It speaks to the fake Deepgram, and ends with the run whatever
 * happens.
 * @param env variables of the README, on top of what every bench needs
 */
export async function startServer(
  run: BenchRun,
  env: Readonly<Record<string, string>>,
  { command = [], flags = [], onOutput }: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const node = [process.execPath, ...flags, '--import', 'tsx', MAIN]
  const [program = '', ...args] = [...command, ...node]
  const child = spawn(program, args, {
    stdio: ['ignore', onOutput ? 'pipe' : 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOG_LEVEL: 'silent',
      JWT_SECRET,
      ...env,
    },
  })
  const exited = once(child, 'exit')
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (data: Buffer) => onOutput?.(data.toString()))
  }
  run.atEnd(async () => {
    // A stopped process takes this one, too.
    child.kill('SIGKILL')
    await exited
  })
  const url = await waitForUrl(child)
  return {
    url,
    pid: child.pid ?? 0,
    get isUp() {
      return child.exitCode === null && child.signalCode === null
    },
    async end(signal) {
      child.kill(signal)
      await exited
    },
    signal: (signal) => void child.kill(signal),
  }
}

async function waitForUrl(child: ChildProcess): Promise<string> {
  let complaint = ''
  child.stderr?.on('data', (data: Buffer) => (complaint += data.toString()))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`The server did not start in time. ${complaint}`))
    }, START_TIMEOUT_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`The server ended before it listened. ${complaint}`))
    })
    child.on('message', (message: { type: string; url: string }) => {
      clearTimeout(timer)
      resolve(message.url)
    })
  })
}

/** An access token as the servers issue it: for a bench of minutes, without logins. */
export async function issueToken(userId: string): Promise<string> {
  return createAccessTokens({ secret: JWT_SECRET, now: Date.now }).issue(userId)
}
