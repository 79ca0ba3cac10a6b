import { SpeechError } from '@saywire/speech'
import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

describe('credit while it runs', () => {
  it('goes on over the end of a lease without losing or doubling a byte', async () => {
    const server = await start({ leaseMs: 1000, availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    const sent = Buffer.from(Uint8Array.from({ length: 32_000 * 5 }, (_, i) => (i * 7) % 251))
    for (let at = 0; at < sent.length; at += 20_000)
      client.sendAudio(sent.subarray(at, at + 20_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(sent.length), patient)
    expect(Buffer.concat(speech.written).equals(sent)).toBe(true)
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
    expect(await server.ended()).toEqual([{ usedMs: 5000, reason: 'stopped' }])
    expect(await server.balance()).toEqual({ availableMs: 55_000, heldMs: 0, owedMs: 0 })
  })

  it('forwards every covered ms over several leases, and then not a sample more', async () => {
    const server = await start({ leaseMs: 1000, availableMs: 3210 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 8; i++) client.sendAudio(new Uint8Array(16_000))
    expect(await client.closed).toBe(4402)
    expect(speech.writtenBytes).toBe(3210 * 32)
    expect(await server.balance()).toEqual({ availableMs: 0, heldMs: 0, owedMs: 0 })
  })

  it('warns once for each threshold, and again after a top-up', async () => {
    const server = await start({ availableMs: 4000, limits: { creditsLowSeconds: [3, 1] } })
    const client = await server.connect()
    const warnings = () =>
      client.messages.flatMap((message) =>
        message.type === 'credits_low' ? [message.seconds_remaining] : [],
      )
    client.sendAudio(new Uint8Array(32 * 1500))
    await vi.waitFor(() => expect(warnings()).toEqual([2]), patient)
    client.sendAudio(new Uint8Array(32 * 1700))
    await vi.waitFor(() => expect(warnings()).toEqual([2, 0]), patient)
    await server.grant(4000)
    client.sendAudio(new Uint8Array(32 * 500))
    // The top-up must have been noticed before what comes next uses it up.
    await vi.waitFor(() => expect(server.unspentMs()).toBe(4300), patient)
    client.sendAudio(new Uint8Array(32 * 1500))
    await vi.waitFor(() => expect(warnings()).toEqual([2, 0, 2]), patient)
    client.send({ type: 'stop' })
    await client.closed
  })

  it('notices a top-up just before the end, and goes on', async () => {
    const server = await start({ availableMs: 1000 })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32 * 900))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 900), patient)
    await server.grant(1000)
    client.sendAudio(new Uint8Array(32 * 900))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 1800), patient)
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
  })

  it('does not call credit used up that another session of the user holds', async () => {
    const server = await start({ availableMs: 60_000 })
    const client = await server.connect()
    const second = await connectTranscribe(server.url)
    second.send({ type: 'auth', token: 'good' })
    const { code, message } = await second.next('error')
    expect(code).toBe('insufficient_credits')
    expect(message).toMatch(/held by another session/)
    expect(await second.closed).toBe(4402)
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
  })

  it('ends with 4409, and not another byte, once the session was taken over', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    const successor = await server.takeOver(client)
    await successor.next('ready')
    expect((await client.next('error')).code).toBe('lease_lost')
    expect(await client.closed).toBe(4409)
    expect(speech.writtenBytes).toBe(32_000)
    expect(speech.aborted).toBe(true)
    successor.send({ type: 'stop' })
    expect(await successor.closed).toBe(1000)
  })

  it('gives back audio that got no final when the backend is lost', async () => {
    const server = await start({ availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 3; i++) client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 3000), patient)
    speech.emit({ type: 'usage', audioMs: 3000 })
    speech.emit(final(0, 1800))
    speech.emit({ type: 'error', error: new SpeechError('upstream_lost', 'gone') })
    expect(await client.closed).toBe(4502)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 1800, heldMs: 0 })
    expect(await server.ended()).toEqual([{ usedMs: 3000, reason: 'upstream_lost' }])
  })

  it('does not charge what was still waiting to leave when the session was taken over', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 300
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    const successor = await server.takeOver(client)
    expect(await client.closed).toBe(4409)
    expect(await server.ended()).toEqual([{ usedMs: 700, reason: 'lease_lost' }])
    successor.send({ type: 'stop' })
    expect(await successor.closed).toBe(1000)
  })

  it('gives back no silence that the backend had heard out', async () => {
    const server = await start({ availableMs: 60_000 })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 3; i++) client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32 * 3000), patient)
    speech.emit({ type: 'usage', audioMs: 3000 })
    speech.emit(final(0, 400))
    const error = new SpeechError('upstream_lost', 'gone', { resumeFromMs: 2500 })
    speech.emit({ type: 'error', error })
    expect(await client.next('error')).toMatchObject({ resume_from_ms: 2500 })
    expect(await client.closed).toBe(4502)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 2500, heldMs: 0 })
  })

  it('gives back what a backend lost while the server was restarting', async () => {
    const error = new SpeechError('upstream_lost', 'gone')
    const server = await start({
      availableMs: 60_000,
      engine: {
        onClose: () => [final(0, 600), { type: 'usage', audioMs: 1000 }, { type: 'error', error }],
      },
    })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(32_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    await server.stream.drain()
    expect(await client.closed).toBe(1012)
    expect(await server.balance()).toMatchObject({ availableMs: 60_000 - 600, heldMs: 0 })
  })
})
