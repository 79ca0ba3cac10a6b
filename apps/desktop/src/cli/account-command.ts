import { hostname } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { createAccessTokens } from '../account/access-tokens.ts'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import type { DesktopEnv } from '../env.ts'
import { parsed } from './arguments.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './exit-codes.ts'

export const ACCOUNT_HELP = `saywire register --server URL --email YOU
saywire login    --server URL --email YOU
saywire logout   --server URL

  An account on a Saywire server, for the managed engine. The password is asked for, or read from
  standard input or SAYWIRE_PASSWORD; it is not kept. The login is kept in a file that only you may
  read (mode 0600), in Saywire's data folder. --server may also come from SAYWIRE_SERVER_URL.
`

const OPTIONS = { server: { type: 'string' }, email: { type: 'string' } } as const

/** `saywire register`, `login` and `logout`. */
export function accountCommand(action: 'register' | 'login' | 'logout') {
  return async (args: string[], console: Console, env: DesktopEnv): Promise<number> => {
    const { values } = parsed(() => parseArgs({ args, options: OPTIONS }))
    const serverUrl = values.server ?? env.serverUrl
    if (serverUrl === undefined) throw new UsageError('Name the server with --server URL.')
    const secrets = createFileSecretStore(env.secretsFile)
    const tokens = createAccessTokens({ serverUrl, secrets, deviceName: hostname() })
    if (action === 'logout') {
      const was = await tokens.leave()
      console.stderr.write(was ? 'Logged out.\n' : `You were not logged in at ${serverUrl}.\n`)
      return EXIT.ok
    }
    if (values.email === undefined) throw new UsageError('Name the account with --email.')
    const password = env.password ?? (await readPassword(console))
    await tokens.enter(action, values.email, password)
    console.stderr.write(`Logged in at ${serverUrl}. The login is kept in ${env.secretsFile}.\n`)
    return EXIT.ok
  }
}

/** Asked for without showing it, or the first line of a pipe. */
async function readPassword(console: Console): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = console.stdin.isTTY ?? false
  if (terminal) console.stderr.write('Password: ')
  const lines = createInterface({ input: console.stdin, output: hidden, terminal })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('SIGINT', () => reject(new UsageError('No password was given.')))
      lines.once('close', () => reject(new UsageError('No password was given.')))
    })
  } finally {
    lines.close()
    if (terminal) console.stderr.write('\n')
  }
}
