import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'

const start = setStreamStage()

test('a session in which nobody speaks lives by its keepalives, and bills nothing for them', async () => {
  const idleMs = 1500
  const server = await start({ limits: { idleMs } })
  const client = await server.connect()
  const speech = await server.speech()
  client.sendAudio(new Uint8Array(3200))
  const endMs = performance.now() + 3 * idleMs
  while (performance.now() < endMs) {
    client.send({ type: 'keepalive' })
    await sleep(100)
  }
  client.sendAudio(new Uint8Array(3200))
  await vi.waitFor(() => expect(speech.writtenBytes).toBe(6400), patient)
  speech.emit(final(100, 200))
  expect((await client.next('transcript')).text).toBe('hello')
  client.send({ type: 'stop' })
  expect((await client.next('session_end')).used_ms).toBe(200)
})
