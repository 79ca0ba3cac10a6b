import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const patient = { timeout: 120_000 }
const servers: { readonly child: ChildProcess; readonly exited: Promise<unknown> }[] = []
let parent: string
let dataDir: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'saywire-main-'))
  await chmod(parent, 0o755)
  dataDir = join(parent, 'data folder')
})
afterEach(async () => {
  for (const { child, exited } of servers.splice(0)) {
    child.kill('SIGTERM')
    await exited
  }
  await rm(parent, { recursive: true, force: true })
})

/** The program itself, as `npm run server` starts it, leader of its own process group. */
function run(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      SAYWIRE_DATA_DIR: dataDir,
      PORT: '0',
      // Never called: nobody speaks here. Without it the start would fetch a speech model.
      DEEPGRAM_API_KEY: 'unused',
      ...env,
    },
  })
  let output = ''
  let url = ''
  child.on('message', (message: { type: string; url: string }) => (url = message.url))
  // `close` never comes once the channel has been disconnected.
  const outputEnded = [child.stdout, child.stderr].map(async (stream) => {
    stream?.on('data', (data: Buffer) => (output += data.toString()))
    if (stream) await once(stream, 'close')
  })
  const exited = once(child, 'exit').then(async ([code, signal]) => {
    await Promise.all(outputEnded)
    return (code ?? signal) as unknown
  })
  servers.push({ child, exited })
  return {
    child,
    exited,
    output: () => output,
    async ready(): Promise<string> {
      await expect.poll(() => url || child.exitCode !== null, patient).toBeTruthy()
      if (!url) throw new Error(output)
      return url
    },
  }
}

/** Process id of the built-in PostgreSQL while it runs. */
async function databasePid(): Promise<number | undefined> {
  const file = await readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').catch(
    () => '',
  )
  return Number(file.split('\n')[0]) || undefined
}

async function register(url: string, email: string): Promise<Response> {
  const body = JSON.stringify({ email, password: 'correct horse' })
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}/auth/register`, { method: 'POST', headers, body })
}

test('it says where it listens, ends with 0 on SIGTERM, and starts again with everything', async () => {
  const first = run()
  const url = await first.ready()
  expect(first.output()).toContain(`Saywire server on ${url} (API: /docs)\n`)
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', db: 'connected' })
  const login = (await (await register(url, 'a@example.org')).json()) as { access_token: string }
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600)
  first.child.kill('SIGTERM')
  expect(await first.exited).toBe(0)

  const second = run()
  const again = await second.ready()
  expect((await register(again, 'a@example.org')).status).toBe(409)
  const headers = { authorization: `Bearer ${login.access_token}` }
  expect((await fetch(`${again}/account/me`, { headers })).status).toBe(200)
})

test('Ctrl-C goes to the whole process group, and still every row is written', async () => {
  const server = run()
  const url = await server.ready()
  await register(url, 'a@example.org')
  process.kill(-(server.child.pid ?? 0), 'SIGINT')
  process.kill(-(server.child.pid ?? 0), 'SIGINT')
  expect(await server.exited).toBe(0)
  expect(server.output()).not.toMatch(/error|died/i)
})

test('kill -9 of the server loses no account', async () => {
  const first = run()
  const url = await first.ready()
  const emails = Array.from({ length: 8 }, (_, i) => `user${i}@example.org`)
  for (const email of emails) expect((await register(url, email)).status).toBe(200)
  first.child.kill('SIGKILL')
  expect(await first.exited).toBe('SIGKILL')
  const again = await run().ready()
  for (const email of emails) expect((await register(again, email)).status).toBe(409)
})

test('it ends when the parent that started it is gone', async () => {
  const server = run()
  await server.ready()
  server.child.disconnect()
  expect(await server.exited).toBe(0)
})

test('nobody reading the output any more does not end it, and it still ends in order', async () => {
  const server = run()
  const url = await server.ready()
  server.child.stdout?.destroy()
  server.child.stderr?.destroy()
  // Its death and its return are logged.
  const pid = await databasePid()
  if (!pid) throw new Error('no database')
  process.kill(pid, 'SIGKILL')
  await expect.poll(databasePid, patient).not.toBe(pid)
  await expect.poll(async () => (await fetch(`${url}/ready`)).status, patient).toBe(200)
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  expect(await databasePid()).toBeUndefined()
})

test('a signal during the start ends it with 0: it never listens, and no database stays', async () => {
  const server = run()
  const messages: unknown[] = []
  server.child.on('message', (message) => messages.push(message))
  await expect.poll(databasePid, patient).toBeTruthy()
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  expect(messages).toEqual([])
  expect(server.output()).not.toMatch(/Saywire server on|error|abort/i)
  expect(await databasePid()).toBeUndefined()
})

test('a parent that was killed before the server could notice leaves nothing running', async () => {
  const server = run()
  server.child.disconnect()
  expect(await server.exited).toBe(0)
  expect(await databasePid()).toBeUndefined()
})

test('a port that is taken gives one sentence that names PORT, and exit code 1', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const server = run({ PORT: String(port) })
  expect(await server.exited).toBe(1)
  const message = server
    .output()
    .split('\n')
    .filter((line) => line && !line.startsWith('{'))
  expect(message).toEqual([`Port ${port} is taken. Set PORT to another one, or end what uses it.`])
  other.close()
})

test('a wrong configuration lists its problems and starts nothing', async () => {
  const server = run({ NODE_ENV: 'production', PORT: 'http' })
  expect(await server.exited).toBe(1)
  expect(server.output()).toMatch(/PORT must.*\n.*JWT_SECRET must be set in production/)
})

test('a client of the audio WebSocket is told that the server restarts', async () => {
  const server = run()
  const url = await server.ready()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/transcribe`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  server.child.kill('SIGTERM')
  expect((await closed)[0]).toBe(1012)
  expect(await server.exited).toBe(0)
})
