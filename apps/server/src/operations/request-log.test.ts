import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createLogger } from '../log.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const lines: string[] = []
let database: TestDatabase
let app: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  const write = (line: string): unknown => lines.push(line)
  const log = createLogger({ level: 'debug', readable: false, write })
  app = await startTestApp(database.url, { log })
})
beforeEach(() => void lines.splice(0))
afterAll(async () => {
  await app.close()
  await database.drop()
})

const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
const access = async () =>
  expect
    .poll(() => records().filter(({ msg }) => msg === 'request'))
    .toHaveLength(1)
    .then(() => records().find(({ msg }) => msg === 'request'))

test('a request is named in its answer and in its one record, with its route, not its path', async () => {
  const answer = await fetch(`${app.url}/account/devices/fam_secret?token=canary`, {
    method: 'DELETE',
  })
  const id = answer.headers.get('x-request-id')
  expect(id).toMatch(/^req_[\w-]{20}$/)
  expect(await access()).toMatchObject({
    request_id: id,
    method: 'DELETE',
    route: '/account/devices/{id}',
    status: 401,
    ms: expect.any(Number) as number,
    level: 30,
  })
  expect(lines.join('')).not.toMatch(/canary|fam_secret/)
})

test.each([
  ['0af7651916cd43dd8448eb211c80319c', true],
  ['edge-7.12:3', false],
  ['short', false],
  ['x'.repeat(129), false],
])('an id %j that a proxy gives is taken: %s', async (given, isTaken) => {
  const answer = await fetch(`${app.url}/openapi.json`, { headers: { 'x-request-id': given } })
  const id = answer.headers.get('x-request-id')
  if (isTaken) expect(id).toBe(given)
  else expect(id).toMatch(/^req_/)
  expect(await access()).toMatchObject({ request_id: id, status: 200 })
})

test('what is asked for all day is logged for debugging only', async () => {
  await fetch(`${app.url}/ready`)
  expect(await access()).toMatchObject({ route: '/ready', level: 20 })
})

test('a WebSocket, and one that is refused, have an id and a record, too', async () => {
  const url = app.url.replace('http', 'ws')
  const socket = new WebSocket(`${url}/ws/transcribe`)
  const id = await new Promise((resolve) =>
    socket.once('upgrade', ({ headers }) => resolve(headers['x-request-id'])),
  )
  expect(await access()).toMatchObject({ request_id: id, route: '/ws/transcribe', status: 101 })
  socket.terminate()
  lines.splice(0)
  const refused = new WebSocket(`${url}/elsewhere`)
  refused.on('error', () => undefined)
  const refusedId = await new Promise((resolve) =>
    refused.once('unexpected-response', (_req, { headers }) => resolve(headers['x-request-id'])),
  )
  expect(await access()).toMatchObject({ request_id: refusedId, route: 'page', status: 404 })
  refused.terminate()
})
