import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { connectTranscribe } from '../src/stream/testing/transcribe-client.ts'
import { registerUser } from '../src/testing/register-user.ts'
import type { TestDatabase } from '../src/testing/test-database.ts'
import { createTestDatabase } from '../src/testing/test-database.ts'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'

const BUILD = fileURLToPath(new URL('../../../scripts/build-server.mjs', import.meta.url))
const SECOND_OF_AUDIO = Buffer.alloc(32_000, 1)

/** Outside the workspace, so that none of its modules can be found. */
let folder: string
let database: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire built server '))
  execFileSync(process.execPath, [BUILD, '--out', folder], { stdio: 'pipe' })
  database = await createTestDatabase('empty')
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** By its launcher where there is a shell. */
function run(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const command =
    process.platform === 'win32'
      ? [process.execPath, join(folder, 'main.js')]
      : [join(folder, 'saywire-server')]
  const [program = '', ...rest] = command
  return spawn(program, [...rest, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function start(env: Readonly<Record<string, string>>) {
  const server = run({ PORT: '0', JWT_SECRET: 's'.repeat(32), DATABASE_URL: database.url, ...env })
  const ended = once(server, 'exit')
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await ended
  })
  let output = ''
  server.stderr.on('data', (data: Buffer) => (output += data.toString()))
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /^Saywire server on (\S+)/.exec(line)?.[1]
    if (url !== undefined) return { url, server, ended }
    output += `${line}\n`
  }
  throw new Error(`The built server did not start: ${output}`)
}

test('the built server brings its tables, registers, captions, and settles when it is told to end', async () => {
  await using deepgram = await startFakeDeepgram()
  const { url, server, ended } = await start({
    DEEPGRAM_URL: deepgram.url,
    DEEPGRAM_API_KEY: deepgram.apiKey,
  })
  const { token, userId } = await registerUser(url)
  const client = await connectTranscribe(url, { token })
  client.sendAudio(SECOND_OF_AUDIO)
  client.send({ type: 'finalize' })
  expect((await client.next('transcript')).text).not.toBe('')

  server.kill('SIGTERM')
  expect(await client.closed).toBe(1012)
  expect(await ended).toEqual([0, null])
  const sum = 'SELECT sum(delta_ms)::int AS ms FROM usage_ledger WHERE user_id = $1'
  expect(await database.query(sum, [userId])).toEqual([{ ms: 3_600_000 - 1000 }])
  expect(await unbalancedUsers(database)).toEqual([])
})

test('its launcher gives V8 the flags of every server here', async () => {
  const flags = await readFile(new URL('../node-flags.json', import.meta.url), 'utf8')
  const launcher = await readFile(join(folder, 'saywire-server'), 'utf8')
  expect(launcher).toContain(`exec node ${(JSON.parse(flags) as string[]).join(' ')} "`)
})

test('it serves the dashboard that was built with it', async () => {
  const { url } = await start({ DEEPGRAM_API_KEY: 'unused' })
  const page = await fetch(url)
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1]
  const asset = await fetch(`${url}${script}`)
  expect(asset.headers.get('content-type')).toContain('javascript')
  expect((await asset.text()).length).toBeGreaterThan(10_000)
})

test('without a database it says what to do', async () => {
  const server = run({ JWT_SECRET: 's'.repeat(32), SAYWIRE_DATA_DIR: join(folder, 'data') })
  let complaint = ''
  server.stderr.on('data', (data: Buffer) => (complaint += data.toString()))
  expect(await once(server, 'exit')).toEqual([1, null])
  expect(complaint).toMatch(/^No built-in PostgreSQL .* set DATABASE_URL/)
})

test('the licences of what is in it come with it', async () => {
  const named = async (file: string, names: readonly string[]): Promise<void> => {
    const text = await readFile(join(folder, file), 'utf8')
    for (const name of names) expect(text).toMatch(new RegExp(`^## ${name} - .+ \\(\\S+\\)$`, 'm'))
  }
  await named('THIRD_PARTY_LICENSES.md', ['@prisma/client', 'jose', 'pg', 'pino', 'stripe', 'ws'])
  await named('THIRD_PARTY_LICENSES_DASHBOARD.md', ['react', 'react-dom', '@trpc/client'])
})
