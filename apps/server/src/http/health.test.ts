import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
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
  return { road, health, ready, login }
}

const degraded = [200, { status: 'degraded', db: 'disconnected' }]
const notReady = [503, { status: 'not_ready', database: 'disconnected', speech: 'ok' }]
const unavailable = [
  503,
  { error: { code: 'unavailable', message: expect.any(String) as string, retry_after_ms: 2000 } },
]

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
