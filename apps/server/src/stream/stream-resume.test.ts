import type { ServerMessage } from '@saywire/protocol'
import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import type { TranscribeClient } from './testing/transcribe-client.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

const ms = (count: number): Uint8Array => new Uint8Array(32 * count)
const finals = (messages: readonly ServerMessage[]): string[] =>
  messages.flatMap((one) => (one.type === 'transcript' && one.is_final ? [one.text] : []))

async function stop(client: TranscribeClient): Promise<number> {
  client.send({ type: 'stop' })
  const { used_ms } = await client.next('session_end')
  return used_ms
}

describe('a client that was cut off', () => {
  it('goes on in the same session, from the sample up to which its audio arrived', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    // 100 ms, 8 samples and half a sample.
    client.sendAudio(new Uint8Array(3200 + 17).fill(1))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(3216), patient)
    client.socket.terminate()
    const again = await server.comeBack(client)
    const { session_id, resume_token } = await client.next('ready')
    const ready = await again.next('ready')
    expect(ready).toMatchObject({ session_id, resume_from_ms: 100 })
    expect(ready.resume_token).not.toBe(resume_token)
    again.sendAudio(new Uint8Array(640).fill(2))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(3200 + 640), patient)
    // The part of the millisecond that had arrived is not taken twice.
    const heard = Buffer.concat(speech.written)
    expect(heard.subarray(0, 3216).every((byte) => byte === 1)).toBe(true)
    expect(heard.subarray(3216).every((byte) => byte === 2)).toBe(true)
    expect(await stop(again)).toBe(120)
    expect(await server.ended()).toEqual([{ usedMs: 120, reason: 'stopped' }])
    expect(server.engine.sessions).toHaveLength(1)
  })

  it('gets each final once: those that came while it was away, and those that may be lost', async () => {
    const server = await start({ limits: { tickMs: 60_000 } })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 3; i++) client.sendAudio(ms(1000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(96_000), patient)
    speech.emit(final(0, 1000, 'one'))
    speech.emit(final(1000, 2000, 'two'))
    await vi.waitFor(() => expect(finals(client.messages)).toEqual(['one', 'two']), patient)
    client.socket.terminate()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    speech.emit({ ...final(2000, 2500, 'old'), type: 'interim' })
    speech.emit(final(2000, 2800, 'three'))
    speech.emit({ ...final(2800, 2900, 'four'), type: 'interim' })
    const again = await server.comeBack(client, 1000)
    await vi.waitFor(() => expect(again.messages).toHaveLength(4), patient)
    expect(finals(again.messages)).toEqual(['two', 'three'])
    expect(again.messages.map(({ type }) => type)).toEqual([
      'ready',
      'transcript',
      'transcript',
      'transcript',
    ])
    expect(again.messages[3]).toMatchObject({ is_final: false, text: 'four' })
  })

  it('is not told again what came before a ping that it answered', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    let pings = 0
    client.socket.on('ping', () => (pings += 1))
    speech.emit(final(0, 1000, 'one'))
    await client.next('transcript')
    const before = pings
    await vi.waitFor(() => expect(pings).toBeGreaterThan(before + 2), patient)
    client.socket.terminate()
    const again = await server.comeBack(client)
    await again.next('ready')
    speech.emit(final(1000, 2000, 'two'))
    await again.next('transcript')
    expect(finals(again.messages)).toEqual(['two'])
  })

  it('may send at once what was spoken while it was away', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(ms(1000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    client.socket.terminate()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    server.advance(25_000)
    const again = await server.comeBack(client)
    await again.next('ready')
    for (let i = 0; i < 33; i++) again.sendAudio(ms(1000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(34 * 32_000), patient)
    expect(await stop(again)).toBe(34_000)
  })

  it('takes over from its own old connection that the server takes for alive', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    const again = await server.comeBack(client)
    await again.next('ready')
    expect(await client.closed).toBe(4409)
    again.sendAudio(ms(20))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(640), patient)
    expect(await stop(again)).toBe(20)
    expect(await server.rows()).toHaveLength(1)
  })

  it('may lose its connection again before it has heard the answer', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.terminate()
    const unheard = await server.comeBack(client)
    unheard.socket.terminate()
    const again = await server.comeBack(client)
    expect((await again.next('ready')).session_id).toBe((await client.next('ready')).session_id)
  })

  it('finds another session at its limit of sessions no obstacle, nor one too many on the way', async () => {
    const server = await start({ limits: { sessionsMaxPerUser: 1, sessionsMax: 1 } })
    const client = await server.connect()
    client.socket.terminate()
    const again = await server.comeBack(client)
    expect((await again.next('ready')).session_id).toBe((await client.next('ready')).session_id)
  })

  it('finds a process at its limit of work no obstacle, which takes nobody new', async () => {
    const load = { share: 0 }
    const server = await start({ load, limits: { sessionsMaxPerUser: 9, sessionsAlways: 1 } })
    const client = await server.connect()
    load.share = 0.9
    client.socket.terminate()
    const again = await server.comeBack(client)
    expect((await again.next('ready')).session_id).toBe((await client.next('ready')).session_id)
    const refused = await connectTranscribe(server.url)
    refused.send({ type: 'auth', token: 'good' })
    expect(await refused.next('error')).toMatchObject({ code: 'busy', retry_after_ms: 5000 })
    // Nor is it one for who has a session elsewhere.
    const elsewhere = await connectTranscribe(server.url)
    const resume = { session_id: 'ses_elsewhere', resume_token: 'x'.repeat(43) }
    elsewhere.send({ type: 'auth', token: 'good', resume })
    await elsewhere.next('ready')
    load.share = 0.5
    await server.connect()
  })

  it('is gone when its time is over, and its session is settled as today', async () => {
    const server = await start({ limits: { resumeWindowMs: 200 } })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(ms(500))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(16_000), patient)
    client.socket.terminate()
    await vi.waitFor(
      async () => expect(await server.ended()).toEqual([{ usedMs: 500, reason: 'client_gone' }]),
      patient,
    )
    const late = await server.comeBack(client)
    const ready = await late.next('ready')
    expect(ready.session_id).not.toBe((await client.next('ready')).session_id)
    expect(ready.resume_from_ms).toBe(0)
  })

  it('comes back after it closed because of a message that was too big for it', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.close(1009)
    await client.closed
    const again = await server.comeBack(client)
    expect((await again.next('ready')).session_id).toBe((await client.next('ready')).session_id)
  })

  it('goes on after its own stop, where the last words may be lost, with nothing billed twice', async () => {
    const server = await start()
    const client = await server.connect()
    client.sendAudio(ms(1000))
    // As through a connection that brings nothing back: neither the end nor the close is answered.
    client.socket.pause()
    client.send({ type: 'stop' })
    await vi.waitFor(
      async () => expect(await server.ended()).toEqual([{ usedMs: 1000, reason: 'stopped' }]),
      patient,
    )
    client.socket.terminate()
    const again = await server.comeBack(client, 400)
    const { session_id } = await client.next('ready')
    expect(await again.next('ready')).toMatchObject({ session_id, resume_from_ms: 400 })
    again.sendAudio(ms(600))
    expect(await stop(again)).toBe(1000)
    expect(await server.ended()).toEqual([{ usedMs: 1000, reason: 'stopped' }])
  })

  it('goes on after its own stop, also while the last words are still awaited', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(ms(1000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    client.send({ type: 'stop' })
    client.socket.terminate()
    const again = await server.comeBack(client, 400)
    const { session_id } = await client.next('ready')
    expect(await again.next('ready')).toMatchObject({ session_id })
  })

  it('is parked when it answers no ping, and comes back', async () => {
    const server = await start({ limits: { pongTimeoutMs: 200 } })
    const client = await server.connect()
    client.socket.pause()
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).not.toBeNull(), patient)
    const again = await server.comeBack(client)
    expect((await again.next('ready')).session_id).toBe((await client.next('ready')).session_id)
    await vi.waitFor(async () => expect((await server.rows())[0]?.cutAt).toBeNull(), patient)
    client.socket.terminate()
  })
})

describe('a resume token', () => {
  it('is good once: whoever shows it again begins a new session', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.terminate()
    const again = await server.comeBack(client)
    await again.next('ready')
    again.sendAudio(ms(20))
    await again.next('ack')
    await vi.waitFor(
      async () => expect((await server.rows())[0]?.resumeTokenHashBefore).toBeNull(),
      patient,
    )
    const thief = await server.comeBack(client)
    const ready = await thief.next('ready')
    expect(ready.session_id).not.toBe((await client.next('ready')).session_id)
    expect(ready.resume_from_ms).toBe(0)
  })

  it('opens no other session, and is stored as its hash only', async () => {
    const server = await start()
    const [one, two] = [await server.connect(), await server.connect()]
    const { session_id } = await one.next('ready')
    const { resume_token } = await two.next('ready')
    const rows = await server.rows()
    expect(JSON.stringify(rows, (_key, value: unknown) => String(value))).not.toContain(
      resume_token,
    )
    expect(rows[0]?.resumeTokenHash).toMatch(/^[0-9a-f]{64}$/)
    const crossed = await connectTranscribe(server.url)
    crossed.send({ type: 'auth', token: 'good', resume: { session_id, resume_token } })
    expect((await crossed.next('ready')).session_id).not.toBe(session_id)
  })
})
