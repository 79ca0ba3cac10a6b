import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { SpeechError } from '@saywire/speech'
import { createManagedEngine } from '@saywire/speech/managed'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { registerUser } from '../testing/register-user.ts'
import type { TestApp } from '../testing/test-app.ts'
import { startTestApp } from '../testing/test-app.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { unbalancedUsers } from '../testing/unbalanced-users.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

let database: TestDatabase
/** Two server processes on one database. */
let servers: readonly [TestApp, TestApp]
beforeAll(async () => {
  database = await createTestDatabase()
  const start = async () => startTestApp(database.url, { isDatabaseOwned: false })
  servers = [await start(), await start()]
})
afterAll(async () => {
  await Promise.all(servers.map(async (server) => server.close()))
  await database.drop()
})
afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

async function register(email: string): Promise<string> {
  return (await registerUser(servers[0].url, email)).token
}

test('two sessions of a user run at once over both servers, and the third is refused', async () => {
  const token = await register('limits@example.org')
  const [one, two] = servers
  const first = await connectTranscribe(one.url, { token })
  const second = await connectTranscribe(two.url, { token })
  const third = await connectTranscribe(two.url)
  third.send({ type: 'auth', token })
  expect((await third.next('error')).code).toBe('too_many_connections')
  expect(await third.closed).toBe(4429)
  for (const client of [first, second]) client.send({ type: 'stop' })
  expect(await Promise.all([first.closed, second.closed])).toEqual([1000, 1000])
})

test('nobody goes on with somebody else’s session, nor ends it, whatever they know of it', async () => {
  const [owner, thief] = [await register('owner@example.org'), await register('thief@example.org')]
  const mine = await connectTranscribe(servers[0].url, { token: owner })
  const { session_id, resume_token } = await mine.next('ready')
  for (const server of servers) {
    for (const resume of [{ session_id }, { session_id, resume_token }]) {
      const other = await connectTranscribe(server.url)
      other.send({ type: 'auth', token: thief, resume })
      expect((await other.next('ready')).session_id).not.toBe(session_id)
      other.send({ type: 'stop' })
      expect(await other.closed).toBe(1000)
    }
  }
  mine.sendAudio(new Uint8Array(3200))
  mine.send({ type: 'stop' })
  expect((await mine.next('session_end')).used_ms).toBe(100)
})

/** A network that never tells the server that the client has gone. */
async function startDeafNetwork(target: string): Promise<string> {
  const { port } = new URL(target)
  const network = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1')
    client.on('data', (data) => server.write(data)).on('error', () => undefined)
    server.on('data', (data) => client.write(data)).on('error', () => undefined)
    onTestFinished(() => void server.destroy())
  })
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void network.close())
  return `http://127.0.0.1:${(network.address() as AddressInfo).port}`
}

test('a client that was cut off takes its place over at once, also on another server', async () => {
  const token = await register('cut-off@example.org')
  const [one, two] = servers
  const neighbour = await connectTranscribe(two.url, { token })
  let serverUrl = await startDeafNetwork(one.url)
  const engine = createManagedEngine({
    get serverUrl() {
      return serverUrl
    },
    getToken: async () => token,
  })
  const cut = new AbortController()
  await engine.open({ config: {} }, cut.signal)
  cut.abort(new SpeechError('upstream_lost', 'It went silent.'))
  serverUrl = two.url
  // The user's two seats are taken: by the neighbour, and by a session that its server still runs.
  const stranger = await connectTranscribe(two.url)
  stranger.send({ type: 'auth', token })
  expect((await stranger.next('error')).code).toBe('too_many_connections')
  const resumed = await vi.waitFor(
    async () => engine.open({ config: {} }, new AbortController().signal),
    patient,
  )
  neighbour.send({ type: 'stop' })
  await resumed.close()
  expect(await neighbour.closed).toBe(1000)
})
