import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnv } from '../env.ts'
import { runSaywire } from './testing/run-saywire.ts'

const jfk = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const serverMain = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url))

/** The server as its own program, with nothing configured: its own PostgreSQL, its own Whisper. */
async function startServer(dataDir: string) {
  const { modelsDir, nativeDir } = readEnv()
  // A database and secrets of its own, but the speech library that is there already.
  await mkdir(dataDir, { recursive: true })
  await symlink(nativeDir, join(dataDir, 'native'))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), serverMain], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      PORT: '0',
      SAYWIRE_DATA_DIR: dataDir,
      SAYWIRE_MODELS_DIR: modelsDir,
      // Each command renews its login, and some are repeated until the model is there.
      AUTH_RATE_PER_MINUTE: '1000',
    },
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => resolve((message as { url: string }).url))
    void exited.then((code) => reject(new Error(`the server ended with ${code}`)))
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

describe('the whole path through the server', { timeout: 180_000 }, () => {
  let folder = ''
  let server: Awaited<ReturnType<typeof startServer>>
  let env: Record<string, string> = {}

  beforeAll(async () => {
    // World-readable above it: as root, PostgreSQL runs as another user.
    folder = await mkdtemp(join(tmpdir(), 'saywire-managed-'))
    server = await startServer(join(folder, 'server data'))
    env = {
      SAYWIRE_DATA_DIR: join(folder, 'client'),
      SAYWIRE_MODELS_DIR: readEnv().modelsDir,
      SAYWIRE_SERVER_URL: server.url,
    }
  }, 180_000)
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('asks for a login first', async () => {
    const run = await runSaywire(['caption', jfk, '--engine', 'managed'], { env })
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('login --server')
  })

  it('registers, captions real speech with the server’s Whisper, and logs out', async () => {
    const account = ['--email', 'Streamer@Example.org']
    const registered = await runSaywire(['register', ...account], { env, input: 'correct horse\n' })
    expect(registered.stderr).toContain('Logged in at')
    expect(registered.code).toBe(0)
    expect((await stat(join(folder, 'client', 'secrets.json'))).mode & 0o777).toBe(0o600)

    let run = await runSaywire(['caption', jfk, '--engine', 'managed', '--fast'], { env })
    // The server checks its model after it has started.
    for (let tries = 0; run.stderr.includes('Try again') && tries < 60; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 2000))
      run = await runSaywire(['caption', jfk, '--engine', 'managed', '--fast'], { env })
    }
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    expect(run.stdout.toLowerCase()).toContain('country')

    const left = await runSaywire(['logout'], { env })
    expect(left.stderr).toContain('Logged out')
    const again = await runSaywire(['caption', jfk, '--engine', 'managed'], { env })
    expect(again.code).toBe(5)
  })

  it('does not say whether the e-mail or the password is wrong', async () => {
    const known = await runSaywire(['login', '--email', 'streamer@example.org'], {
      env,
      input: 'no\n',
    })
    const unknown = await runSaywire(['login', '--email', 'nobody@example.org'], {
      env,
      input: 'no\n',
    })
    expect(known.code).toBe(5)
    expect(known.stderr).toBe(unknown.stderr)
  })
})
