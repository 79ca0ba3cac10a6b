import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The server's own program, in a process of its own. */
export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Sends the signal, and resolves when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/**
 * Starts a server on a free port.
 * @param env variables of the README
 * @throws Error with what it said where it did not start
 */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
): Promise<RunningServer> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...env,
    },
  })
  let complaint = ''
  child.stderr?.on('data', (data: Buffer) => (complaint += data.toString()))
  const exited = once(child, 'exit')
  const failed = exited.then(() => {
    throw new Error(`The server ended before it listened. ${complaint}`)
  })
  // Awaited only until it listens.
  failed.catch(() => undefined)
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [{ url: string }]
  return {
    url: message.url,
    port: Number(new URL(message.url).port),
    async end(signal) {
      child.kill(signal)
      await exited
    },
  }
}
