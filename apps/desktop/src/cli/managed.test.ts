import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnv } from '../env.ts'
import type { StartedServer } from '../testing/start-server.ts'
import { startServer } from '../testing/start-server.ts'
import { runSaywire } from './testing/run-saywire.ts'

const jfk = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))

describe('the whole path through the server', { timeout: 180_000 }, () => {
  let folder = ''
  let server: StartedServer
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
