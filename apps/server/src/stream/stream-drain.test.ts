import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

describe('draining', () => {
  it('tells clients, flushes their finals, closes their rows and then their sockets', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 300, 'last words')] } })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32 * 400))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(12_800), patient)
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    const kinds = client.messages.map(({ type }) => type).filter((type) => type !== 'ack')
    expect(kinds).toEqual(['ready', 'error', 'transcript', 'session_end'])
    expect(await client.next('error')).toMatchObject({ code: 'server_draining' })
    expect(await server.ended()).toEqual([{ usedMs: 400, reason: 'server_draining' }])
  })

  it('tells a client whose session is still opening, and closes its row', async () => {
    const whenReady = vi.fn<() => Promise<void>>(async () => new Promise(() => undefined))
    const server = await start({ engine: { whenReady } })
    const client = await connectTranscribe(server.url)
    client.send({ type: 'auth', token: 'good' })
    await vi.waitFor(() => expect(whenReady).toHaveBeenCalled(), patient)
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    expect(await client.next('error')).toMatchObject({ code: 'server_draining' })
    expect(await server.ended()).toMatchObject([{ usedMs: 0, reason: 'server_draining' }])
  })

  it('refuses new connections', async () => {
    const server = await start()
    await server.stream.drain()
    await expect(connectTranscribe(server.url)).rejects.toThrow('503')
  })
})
