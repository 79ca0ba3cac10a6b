import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectTranscribe } from '../stream/testing/transcribe-client.ts'
import { registerUser } from '../testing/register-user.ts'
import { startTestApp } from '../testing/test-app.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A road to the database that can be cut, or left silent as a dead network is. */
async function createRoad(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => undefined)
    if (isSilent) return
    const far = connect(Number(target.port), target.hostname)
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    silence() {
      isSilent = true
      cut()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
}

async function start() {
  const database = await createTestDatabase()
  ends.push(database.drop)
  const road = await createRoad(database.url)
  const app = await startTestApp(road.url)
  ends.push(app.close)
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${app.url}${path}`)
    return [response.status, await response.json()]
  }
  const health = async (): Promise<unknown> => ask('/health')
  const ready = async (): Promise<unknown> => ask('/ready')
  const login = async (): Promise<unknown> => {
    const body = JSON.stringify({ email: 'a@example.org', password: 'correct horse' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${app.url}/auth/login`, { method: 'POST', headers, body })
    return [response.status, await response.json()]
  }
  expect(await health()).toEqual([200, { status: 'ok', db: 'connected' }])
  expect(await ready()).toEqual([200, { status: 'ready', database: 'connected', speech: 'ok' }])
  return { road, health, ready, login, url: app.url }
}

const degraded = [200, { status: 'degraded', db: 'disconnected' }]
const notReady = [503, { status: 'not_ready', database: 'disconnected', speech: 'ok' }]
const unavailable = [
  503,
  { error: { code: 'unavailable', message: expect.any(String) as string, retry_after_ms: 2000 } },
]

test('who has not shown a token costs no query: without a database the answer is the same', async () => {
  const { road, url } = await start()
  await road.close()
  for (const first of ['{"type":"auth","token":"x.y.z"}', '{', '{"type":"finalize"}']) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${TRANSCRIBE_PATH}`)
    await once(socket, 'open')
    const startedMs = performance.now()
    socket.send(first)
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(first.includes('x.y.z') ? 4401 : 4400)
    // A query would wait for a connection that does not come.
    expect(performance.now() - startedMs).toBeLessThan(2500)
  }
})

test('a database that is gone makes a session busy, which its client tries again', async () => {
  const { road, url } = await start()
  const { token } = await registerUser(url)
  await road.close()
  const client = await connectTranscribe(url)
  client.send({ type: 'auth', token })
  expect(await client.next('error')).toMatchObject({ code: 'busy', retry_after_ms: 2000 })
  expect(await client.closed).toBe(1013)
})

test('a database that is gone makes the server unready, not dead, and no error of it', async () => {
  const { road, health, ready, login } = await start()
  await road.close()
  await expect.poll(ready).toEqual(notReady)
  expect(await health()).toEqual(degraded)
  expect(await login()).toEqual(unavailable)
})

test('a database that is silent gives 503 within seconds, not a hang; liveness does not wait', async () => {
  const { road, health, ready, login } = await start()
  ends.push(road.close)
  road.silence()
  // What was heard last is good for a second.
  await sleep(1000)
  const beganMs = performance.now()
  const [alive, aliveAfterMs] = await health().then((answer) => [
    answer,
    performance.now() - beganMs,
  ])
  expect(alive).toEqual([200, { status: 'ok', db: 'connected' }])
  expect(aliveAfterMs).toBeLessThan(900)
  expect(await ready()).toEqual(notReady)
  expect(await health()).toEqual(degraded)
  expect(await login()).toEqual(unavailable)
})
