import { expect, test, vi } from 'vitest'
import { ObsError } from './obs-error.ts'
import { connectToFake, SOON } from './testing/connect-to-fake.ts'

const PASSWORD = 'correct horse battery staple'

test('connects with the password and tells which OBS it is', async () => {
  const { connection, reach, log } = await connectToFake({ password: PASSWORD })
  expect(connection.state().status).toBe('connecting')
  await reach('connected')
  expect(connection.state()).toMatchObject({
    version: '31.0.3',
    isStreaming: false,
    isRecording: false,
    recordingStartedAtMs: undefined,
    sentence: 'Connected to OBS 31.0.3.',
  })
  expect(log).toEqual(['info: Connecting to OBS.', 'info: Connected to OBS 31.0.3.'])
})

test('connects to an OBS that asks for no password', async () => {
  const { obs, reach } = await connectToFake({ storedPassword: 'not asked for' })
  await reach('connected')
  expect(obs.identifiedCount()).toBe(1)
})

test('asks for the events that it reads only: no volume meters, no scenes', async () => {
  const { obs, reach } = await connectToFake()
  await reach('connected')
  const [config, inputs, outputs] = [1 << 1, 1 << 3, 1 << 6]
  expect(obs.subscriptions()).toBe(config | inputs | outputs)
})

test('an OBS that is switched off in the settings is left alone', async () => {
  const { obs, connection, update, reach } = await connectToFake({ settings: { enabled: false } })
  expect(connection.state().status).toBe('off')
  update({ enabled: true })
  await reach('connected')
  update({ enabled: false })
  expect(connection.state().status).toBe('off')
  await expect(connection.listScenes()).rejects.toMatchObject({ code: 'not_connected' })
  expect(obs.connectionCount()).toBe(1)
})

test('a refused password is not tried again until the user changed something', async () => {
  const { obs, connection, reach, update, setPassword, log } = await connectToFake({
    password: PASSWORD,
    storedPassword: 'wrong guess',
  })
  await reach('wrong_password')
  expect(connection.state().sentence).toContain('Show Connect Info')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(obs.connectionCount()).toBe(1)

  setPassword(PASSWORD)
  update({})
  await reach('connected')
  expect(log.join('\n')).not.toMatch(/wrong guess|correct horse/)
})

test('no password where OBS asks for one is a refused password', async () => {
  const { obs, reach } = await connectToFake({ password: PASSWORD, storedPassword: '' })
  await reach('wrong_password')
  expect(obs.identifiedCount()).toBe(0)
})

test('the password is in no state, event, log line or error', async () => {
  const fake = await connectToFake({ password: PASSWORD, settings: { muteInput: 'Nothing' } })
  await fake.reach('connected')
  await fake.obs.stop()
  await fake.reach('unreachable')
  const error: unknown = await fake.connection.listInputs().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ObsError)
  const said = JSON.stringify([fake.states, fake.events, fake.log, fake.connection.state()])
  expect(said + String(error)).not.toContain(PASSWORD)
})

test('an OBS that restarts is found again, with one notice for each change', async () => {
  const { obs, reach, log } = await connectToFake({ password: PASSWORD })
  await reach('connected')
  await obs.stop()
  await reach('unreachable')
  // Long enough for several attempts, none of which is worth a line.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  await obs.start()
  await reach('connected')
  expect(log).toEqual([
    'info: Connecting to OBS.',
    'info: Connected to OBS 31.0.3.',
    expect.stringMatching(/^warning: OBS does not answer/),
    'info: Connected to OBS 31.0.3.',
  ])
})

test('an OBS that is started after Saywire is found', async () => {
  const { obs, reach, update, settings } = await connectToFake({ settings: { enabled: false } })
  await obs.stop()
  update({ ...settings, enabled: true })
  await reach('unreachable')
  await obs.start()
  await reach('connected')
  expect(obs.identifiedCount()).toBe(1)
})

test('a lost connection is made anew', async () => {
  const { obs, reach, states } = await connectToFake()
  await reach('connected')
  obs.drop()
  await vi.waitUntil(() => obs.identifiedCount() === 2, SOON)
  await reach('connected')
  expect(states.map((state) => state.status)).toContain('unreachable')
})

test('an OBS that hangs is noticed, and found again when it wakes', async () => {
  const timing = { heartbeatMs: 100, requestTimeoutMs: 300, connectTimeoutMs: 1_000 }
  const { obs, connection, reach } = await connectToFake({ timing })
  await reach('connected')
  obs.hang(true)
  await reach('unreachable')
  await expect(connection.listScenes()).rejects.toBeInstanceOf(ObsError)
  obs.hang(false)
  await reach('connected')
})

test('a request that OBS answers too late rejects, and does no more', async () => {
  const { obs, connection, reach } = await connectToFake({ timing: { requestTimeoutMs: 300 } })
  await reach('connected')
  obs.setDelay(600)
  await expect(connection.listScenes()).rejects.toMatchObject({ code: 'no_answer' })
  obs.setDelay(0)
  await expect.poll(() => connection.listScenes().catch(() => []), SOON).not.toEqual([])
})

test('an OBS that is not ready yet is asked again', async () => {
  const { obs, reach } = await connectToFake({ prepare: (fake) => fake.refuse('GetVersion', 207) })
  await vi.waitUntil(() => obs.requests.includes('GetVersion'), SOON)
  obs.refuse('GetVersion', undefined)
  await reach('connected')
  expect(obs.connectionCount()).toBe(1)
})

test('an OBS that changes its scene collection is asked nothing until it is done', async () => {
  const { obs, connection, reach } = await connectToFake({ timing: { heartbeatMs: 50 } })
  await reach('connected')
  await vi.waitUntil(() => obs.requests.length > 10, SOON)
  obs.beginCollectionChange()
  // What was asked before the news came may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const before = obs.requests.length
  const scenes = connection.listScenes()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(obs.requests).toHaveLength(before)
  obs.endCollectionChange([])
  expect(await scenes).toEqual(['Break', 'Game'])
  expect(connection.state().status).toBe('connected')
  expect(obs.connectionCount()).toBe(1)
})

test('a connection that a user of OBS ended stays ended until the settings change', async () => {
  const { obs, connection, reach, update } = await connectToFake()
  await reach('connected')
  obs.kick()
  await reach('unreachable')
  expect(connection.state().sentence).toContain('ended the connection on request')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(obs.connectionCount()).toBe(1)
  update({ enabled: false })
  update({ enabled: true })
  await reach('connected')
})

test('something that is no OBS is said to be none', async () => {
  const { createServer } = await import('node:http')
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const { connection, reach } = await connectToFake({
    settings: { url: `ws://127.0.0.1:${address.port}` },
  })
  await reach('unreachable')
  expect(connection.state().sentence).toContain('Something other than OBS')
  server.close()
})

test('another address is used at once', async () => {
  const first = await connectToFake()
  const second = await connectToFake({ settings: { enabled: false } })
  await first.reach('connected')
  first.update({ url: second.obs.url })
  await expect.poll(() => second.obs.identifiedCount(), SOON).toBe(1)
  await first.reach('connected')
})

test('lists the inputs that have sound, and the scenes from the top', async () => {
  const { connection, reach } = await connectToFake()
  await reach('connected')
  expect(await connection.listInputs()).toEqual(['Desktop Audio', 'Mic/Aux'])
  expect(await connection.listScenes()).toEqual(['Break', 'Game'])
})

test('an OBS where nothing changes is no news, however often it is asked', async () => {
  const { obs, states, reach } = await connectToFake({ timing: { heartbeatMs: 20 } })
  await reach('connected')
  const before = states.length
  await vi.waitUntil(() => obs.requests.length > 30, SOON)
  expect(states).toHaveLength(before)
})

test('closing does not wait for an OBS that hangs', async () => {
  const { obs, connection } = await connectToFake({
    timing: { connectTimeoutMs: 1_000_000 },
    prepare: (fake) => fake.hang(true),
  })
  await vi.waitUntil(() => obs.connectionCount() === 1, SOON)
  await connection.close()
  expect(connection.state().status).toBe('off')
})

test('closing ends the connection, and nothing is told after it', async () => {
  const { obs, connection, states, reach } = await connectToFake()
  await reach('connected')
  await connection.close()
  const before = states.length
  obs.setOutput('stream', 'STARTED')
  await obs.stop()
  expect(states).toHaveLength(before)
  expect(connection.state().status).toBe('off')
})
