import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

type Options = NonNullable<Parameters<typeof startTestApp>[1]>

async function start(options: Options) {
  const app = await startTestApp(database.url, options)
  const sockets: Socket[] = []
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await app.close()
  })
  return {
    /** @returns whether the server answers on it; it stays open where it does */
    async open(from: string): Promise<boolean> {
      const port = Number(new URL(app.url).port)
      const socket = connect({ port, host: '127.0.0.1', localAddress: from })
      socket.on('error', () => undefined)
      sockets.push(socket)
      socket.write('GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const isAnswered = once(socket, 'data').then(() => true)
      return Promise.race([isAnswered, once(socket, 'close').then(() => false)])
    },
    closeFirst: () => sockets.shift()?.destroy(),
  }
}

const few = { maxPerAddress: 3 }
const elsewhere = ['192.0.2.1']

test('one address has so many connections, others have theirs, and a closed one is free', async () => {
  const { open, closeFirst } = await start({ connectionLimits: few, trustProxy: elsewhere })
  for (let i = 0; i < 3; i++) expect(await open('127.0.0.2')).toBe(true)
  expect(await open('127.0.0.2')).toBe(false)
  expect(await open('127.0.0.3')).toBe(true)
  closeFirst()
  await expect.poll(async () => open('127.0.0.2')).toBe(true)
})

test('all together have so many, whoever they are', async () => {
  const { open } = await start({ connectionLimits: { max: 4 } })
  for (let i = 0; i < 4; i++) expect(await open(`127.0.0.${i + 2}`)).toBe(true)
  expect(await open('127.0.0.9')).toBe(false)
})

test.each([
  ['a proxy', { trustProxy: ['127.0.0.2/32'] }],
  ['one of so many proxies', { trustProxy: 1 }],
  ['this machine, of whose proxies nobody has told', {}],
])('%s brings the connections of all its clients', async (_, options) => {
  const { open } = await start({ connectionLimits: few, ...options })
  for (let i = 0; i < 6; i++) expect(await open('127.0.0.2')).toBe(true)
})
