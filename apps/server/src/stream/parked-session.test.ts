import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import type { TranscribeClient } from './testing/transcribe-client.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

describe('a parked session', () => {
  it('ends at once where its client closed in order, or said stop', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.close(1000)
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ reason: 'client_gone' }]),
      patient,
    )
  })

  it('ends at once where its login ends', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.terminate()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    server.logins.get('fam_1')?.('unauthenticated')
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ reason: 'unauthenticated' }]),
      patient,
    )
  })

  it('ends where it would have to keep more finals than it may', async () => {
    const server = await start({ limits: { keptFinalsMax: 3 } })
    const client = await server.connect()
    const speech = await server.speech()
    client.socket.terminate()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    for (let i = 0; i < 4; i++) speech.emit(final(i * 100, i * 100 + 90))
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ reason: 'client_gone' }]),
      patient,
    )
  })

  it('takes no more than its part of the server, however often a user connects and cuts off', async () => {
    // No heartbeat tells the parked sessions that others have taken their places.
    const server = await start({ limits: { sessionsMaxPerUser: 1 }, flushMs: 60_000 })
    const cutOff = async (client: TranscribeClient, count: number): Promise<void> => {
      client.socket.terminate()
      await vi.waitFor(async () => {
        const rows = await server.rows()
        expect(rows.filter(({ cutAt, endedAt }) => cutAt || endedAt)).toHaveLength(count)
      }, patient)
    }
    const first = await server.connect()
    await cutOff(first, 1)
    await cutOff(await server.connect(), 1)
    const third = await server.connect()
    await cutOff(third, 1)
    const refused = await connectTranscribe(server.url)
    refused.send({ type: 'auth', token: 'good' })
    expect(await refused.next('error')).toMatchObject({ code: 'busy', retry_after_ms: 1000 })
    expect(server.engine.sessions).toHaveLength(3)
    const again = await server.comeBack(third)
    expect((await again.next('ready')).session_id).toBe((await third.next('ready')).session_id)
  })

  it('is not kept for a client that went before it was told of it', async () => {
    let open: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const server = await start({ engine: { whenReady: async () => gate } })
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    await vi.waitFor(async () => expect(await server.rows()).toHaveLength(1), patient)
    client.socket.terminate()
    await vi.waitFor(
      async () => expect(await server.ended()).toEqual([{ usedMs: 0, reason: 'client_gone' }]),
      patient,
    )
    open?.()
    expect(server.engine.sessions).toHaveLength(0)
  })

  it('makes room for a new session of its user', async () => {
    const server = await start({ limits: { sessionsMaxPerUser: 1 } })
    const client = await server.connect()
    client.socket.terminate()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    await server.connect()
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ reason: 'lease_lost' }]),
      patient,
    )
  })
})
