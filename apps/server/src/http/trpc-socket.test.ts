import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { patient } from '../testing/patient.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { TestTrpcClient } from '../testing/trpc-client.ts'
import { connectTrpc } from '../testing/trpc-client.ts'

let database: TestDatabase
let app: TestApp
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  app = await startTestApp(database.url)
})
afterAll(async () => {
  for (const end of ends) await end()
  await app.close()
  await database.drop()
})

function connect(token?: string): TestTrpcClient {
  const client = connectTrpc(app.url, token)
  ends.push(client.close)
  return client
}

async function register(email: string) {
  const { trpc } = connect()
  return trpc.auth.register.mutate({ email, password: 'correct horse' })
}

test('a call over the socket is made as whoever its connection parameters name', async () => {
  const login = await register('caller@example.org')
  expect(await connect(login.access_token).trpc.account.me.query()).toMatchObject(login.user)
  await expect(connect().trpc.account.me.query()).rejects.toMatchObject({
    data: { error: { code: 'unauthenticated' } },
  })
})

test('a socket that floods the server with calls is cut off', async () => {
  const { access_token } = await register('flood@example.org')
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token: access_token } }))
  let answers = 0
  socket.on('message', () => (answers += 1))
  const call = JSON.stringify({ id: 1, method: 'query', params: { path: 'account.me' } })
  const flood = setInterval(() => {
    for (let i = 0; i < 100; i++) socket.send(call)
  }, 20)
  await closed
  clearInterval(flood)
  expect(answers).toBeLessThan(1000)
  await register('after-the-flood@example.org')
})

test('sockets that do not say who they are cannot keep out the users, and are closed', async () => {
  const small = await startTestApp(database.url, {
    streamLimits: { unauthenticatedMax: 3, authTimeoutMs: 8000 },
  })
  ends.push(small.close)
  const url = `${small.url.replace('http', 'ws')}/trpc?connectionParams=1`
  const open = async (token?: string): Promise<WebSocket> => {
    const socket = new WebSocket(url)
    await once(socket, 'open')
    if (token) socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
    return socket
  }
  const { access_token } = await register('honest@example.org')
  // Those who have shown a token take no place from those who have not.
  const users = await Promise.all(Array.from({ length: 3 }, async () => open(access_token)))
  for (const user of users) {
    user.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'account.me' } }))
    await once(user, 'message')
  }
  const codes: number[] = []
  const keepQuiet = async () => (await open()).once('close', (code) => codes.push(code))
  await Promise.all(Array.from({ length: 3 }, keepQuiet))
  const [refused] = (await once(new WebSocket(url), 'error')) as [Error]
  expect(refused.message).toContain('503')
  await expect.poll(() => codes, patient).toEqual([4408, 4408, 4408])
  users.push(await open(access_token))
  expect(users.map(({ readyState }) => readyState)).toEqual(users.map(() => WebSocket.OPEN))
  for (const user of users) user.close()
})
