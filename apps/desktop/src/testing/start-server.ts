import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEnv } from '../env.ts'

const SERVER_MAIN = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url))

export interface StartedServer {
  readonly url: string
  readonly process: ChildProcess
  /**
   * @param signal default SIGTERM
   * @returns its exit code; null where the signal ended it
   */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/**
 * The server as its own program, with nothing configured: its own PostgreSQL, its own Whisper.
 * @param dataDir used again, it is the same server
 * @param variables of its environment, beside ours
 */
export async function startServer(
  dataDir: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<StartedServer> {
  const { modelsDir, nativeDir } = readEnv()
  // A database and secrets of its own, but the speech library that is there already.
  await mkdir(dataDir, { recursive: true })
  await symlink(nativeDir, join(dataDir, 'native')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SERVER_MAIN], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      PORT: '0',
      SAYWIRE_DATA_DIR: dataDir,
      SAYWIRE_MODELS_DIR: modelsDir,
      // Tests log in far more often than people do.
      AUTH_RATE_PER_MINUTE: '1000',
      ...variables,
    },
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (lastWords += text))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => resolve((message as { url: string }).url))
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${lastWords}`)))
  })
  return {
    url,
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
  }
}
