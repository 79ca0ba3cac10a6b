import { MAX_AUDIO_MESSAGE_BYTES } from '@saywire/protocol'
import { SpeechError } from '@saywire/speech'
import { describe, expect, it, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { final, setStreamStage } from './testing/stream-stage.ts'
import { connectTranscribe } from './testing/transcribe-client.ts'

const start = setStreamStage()

describe('a running session', () => {
  it('forwards every byte, also over odd message sizes, and returns the transcript', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    const audio = Uint8Array.from({ length: 3201 }, (_, i) => i % 251)
    client.sendAudio(audio.subarray(0, 1001))
    client.sendAudio(audio.subarray(1001, 3000))
    client.sendAudio(audio.subarray(3000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(3200), patient)
    expect(Buffer.concat(speech.written)).toEqual(Buffer.from(audio.subarray(0, 3200)))

    speech.emit({ type: 'speech-started', atMs: 5 })
    speech.emit({ ...final(0, 400), type: 'interim' })
    speech.emit({ ...final(0, 400), type: 'interim', committedWords: 1 })
    speech.emit(final(0, 400))
    speech.emit({ type: 'utterance-end', lastWordEndMs: 400 })
    await client.next('utterance_end')
    expect(client.messages.filter(({ type }) => type === 'transcript')).toEqual([
      expect.not.objectContaining({ committed_words: expect.anything() as number }),
      expect.objectContaining({ is_final: false, speech_final: false, committed_words: 1 }),
      {
        type: 'transcript',
        text: 'hello',
        is_final: true,
        confidence: 0.9,
        speech_final: true,
        start_ms: 0,
        end_ms: 400,
        words: [{ text: 'hello', start_ms: 0, end_ms: 400, confidence: 0.9 }],
      },
    ])
    expect(await client.next('ack')).toEqual({ type: 'ack', audio_ms: 100 })
  })

  it('delivers the last finals on stop, then session_end with the exact ms, then 1000', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 900, 'last words')] } })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(32 * 1500 + 31))
    client.send({ type: 'stop' })
    const end = await client.next('session_end')
    expect(end).toEqual({ type: 'session_end', seconds_used: 2, used_ms: 1500, reason: 'stopped' })
    expect(client.messages.map(({ type }) => type)).toEqual([
      'ready',
      'transcript',
      'ack',
      'session_end',
    ])
    expect(await client.closed).toBe(1000)
    expect(await server.ended()).toEqual([{ usedMs: 1500, reason: 'stopped' }])
  })

  it('closes the row with what was used when the client vanishes and does not come back', async () => {
    const server = await start({ limits: { resumeWindowMs: 100 } })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(6400))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(6400), patient)
    client.socket.terminate()
    await vi.waitFor(
      async () => expect(await server.ended()).toEqual([{ usedMs: 200, reason: 'client_gone' }]),
      patient,
    )
  })

  it('cuts audio at the exact sample where the credit ends, and delivers its finals first', async () => {
    const server = await start({
      availableMs: 1000,
      engine: { onClose: () => [final(0, 950)] },
    })
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(20_000))
    client.sendAudio(new Uint8Array(20_000))
    expect(await client.closed).toBe(4402)
    expect(speech.writtenBytes).toBe(32_000)
    const kinds = client.messages
      .map(({ type }) => type)
      .filter((type) => type !== 'ack' && type !== 'credits_low')
    expect(kinds).toEqual(['ready', 'transcript', 'error', 'session_end'])
    expect(await client.next('error')).toMatchObject({
      code: 'insufficient_credits',
      resume_from_ms: 950,
    })
    expect(await server.ended()).toEqual([{ usedMs: 1000, reason: 'insufficient_credits' }])
  })

  it('accepts a burst of 10 s and 2× real time, and ends what is faster with 4429', async () => {
    const server = await start()
    const client = await server.connect()
    const second = new Uint8Array(32_000)
    for (let i = 0; i < 9; i++) client.sendAudio(second)
    await vi.waitFor(
      async () => expect((await server.speech()).writtenBytes).toBe(288_000),
      patient,
    )
    server.advance(5000)
    for (let i = 0; i < 10; i++) client.sendAudio(second)
    await vi.waitFor(
      async () => expect((await server.speech()).writtenBytes).toBe(608_000),
      patient,
    )
    for (let i = 0; i < 3; i++) client.sendAudio(second)
    expect((await client.next('error')).code).toBe('too_fast')
    expect(await client.closed).toBe(4429)
  })

  it('does not call too fast what was spoken while the client was not read', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    const second = new Uint8Array(32_000)
    client.sendAudio(second)
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(32_000), patient)
    server.advance(14_000)
    for (let i = 0; i < 14; i++) client.sendAudio(second)
    speech.bufferedMs = 0
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(15 * 32_000), patient)
  })

  it('takes a message of 64 KiB and refuses a larger one with 4413', async () => {
    const server = await start()
    const client = await server.connect()
    client.sendAudio(new Uint8Array(MAX_AUDIO_MESSAGE_BYTES))
    await vi.waitFor(
      async () => expect((await server.speech()).writtenBytes).toBe(MAX_AUDIO_MESSAGE_BYTES),
      patient,
    )
    client.sendAudio(new Uint8Array(MAX_AUDIO_MESSAGE_BYTES + 1))
    expect((await client.next('error')).code).toBe('frame_too_large')
    expect(await client.closed).toBe(4413)
    expect(await server.ended()).toMatchObject([{ usedMs: 2048, reason: 'frame_too_large' }])
  })

  it('ignores malformed messages up to the limit, then ends with 4400', async () => {
    const server = await start({ limits: { malformedMax: 3 } })
    const client = await server.connect()
    client.socket.send('nonsense')
    client.send({ type: 'configure', config: { sample_rate: 8000 } })
    await vi.waitFor(() => expect(client.messages).toHaveLength(3), patient)
    expect(client.messages[2]).toMatchObject({ code: 'bad_message' })
    expect(JSON.stringify(client.messages[2])).toContain('sample_rate')
    client.sendAudio(new Uint8Array(640))
    await client.next('ack')
    client.sendAudio(new Uint8Array(0))
    expect(await client.closed).toBe(4400)
  })

  it('passes finalize on, and keeps a silent client that sends keepalive', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.send({ type: 'finalize' })
    client.sendAudio(new Uint8Array(640))
    client.send({ type: 'finalize' })
    client.send({ type: 'finalize' })
    await vi.waitFor(() => expect(speech.finalizeCount).toBe(1), patient)
    for (let i = 0; i < 3; i++) {
      server.advance(15_000)
      client.send({ type: 'keepalive' })
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    expect(speech.closed).toBe(false)
  })

  it('ends a session that sends neither audio nor keepalive as idle', async () => {
    const server = await start({ limits: { idleMs: 80 } })
    const client = await server.connect()
    expect((await client.next('session_end')).reason).toBe('idle')
    expect(await client.closed).toBe(1000)
  })

  it('ends one session of too many of a user with 4429, and lets them in again after one ended', async () => {
    const server = await start()
    const first = await server.connect()
    await server.connect()
    const third = await connectTranscribe(server.url)
    third.send({ type: 'auth', token: 'good' })
    expect((await third.next('error')).code).toBe('too_many_connections')
    expect(await third.closed).toBe(4429)
    first.send({ type: 'stop' })
    await first.closed
    await server.connect()
  })

  it('charges late rather than never when the row cannot be closed at once', async () => {
    const server = await start({ failSettles: 3 })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(3200))
    client.send({ type: 'stop' })
    expect((await client.next('session_end')).used_ms).toBe(100)
    expect(await server.ended()).toEqual([])
    await vi.waitFor(
      async () => expect(await server.ended()).toMatchObject([{ usedMs: 100 }]),
      patient,
    )
  })

  it('ends a session whose backend has stopped taking audio', async () => {
    const server = await start({ limits: { upstreamStallMs: 60 } })
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    client.sendAudio(new Uint8Array(640))
    expect((await client.next('error')).code).toBe('upstream_lost')
    expect(await client.closed).toBe(4502)
  })

  it('lets no flood of messages through to the backend', async () => {
    const server = await start({ limits: { malformedMax: 5 } })
    const client = await server.connect()
    const speech = await server.speech()
    for (let i = 0; i < 200; i++) client.send({ type: 'finalize' })
    expect(await client.closed).toBe(4400)
    expect(speech.finalizeCount).toBe(0)
  })

  it('opens nothing anew for settings that are in force already, or that change too often', async () => {
    const server = await start()
    const client = await server.connect({ language: 'en' })
    client.send({ type: 'configure', language: 'en' })
    client.send({ type: 'configure', config: { endpointing: 700 } })
    client.send({ type: 'configure', config: { endpointing: 800 } })
    expect(await client.next('error')).toMatchObject({ code: 'bad_message' })
    expect(server.engine.sessions.map(({ options }) => options.config.endpointing)).toEqual([
      undefined,
      700,
    ])
  })

  it('applies changed settings to the audio after them, on one clock', async () => {
    const server = await start({ engine: { onClose: () => [final(0, 100)] } })
    const client = await server.connect({ language: 'en' })
    const first = await server.speech()
    client.sendAudio(new Uint8Array(6400))
    client.send({ type: 'configure', endpointing: 700 })
    client.sendAudio(new Uint8Array(3200))
    await vi.waitFor(() => expect(server.engine.sessions).toHaveLength(2), patient)
    const second = await server.speech()
    await vi.waitFor(() => expect(second.writtenBytes).toBe(3200), patient)
    expect(first.writtenBytes).toBe(6400)
    expect(second.options).toEqual({ config: { language: 'en', endpointing: 700 }, startMs: 200 })
    client.send({ type: 'stop' })
    expect((await client.next('session_end')).used_ms).toBe(300)
  })

  it('outlives new settings that a backend fails on in a way that nobody foresaw', async () => {
    const server = await start()
    const client = await server.connect()
    server.engine.failNextOpen(new URIError('URI malformed'))
    client.send({ type: 'configure', language: 'de' })
    expect(await client.next('error')).toMatchObject({ code: 'internal' })
    expect(await client.closed).toBe(1011)
    await (await server.connect()).next('ready')
  })

  it('ignores a setting with half of a character as malformed', async () => {
    const server = await start()
    const client = await server.connect()
    client.socket.send('{"type":"configure","keyterm":["\\ud800"]}')
    expect((await client.next('error')).message).toContain('keyterm.0')
    client.send({ type: 'stop' })
    expect(await client.closed).toBe(1000)
  })

  it('tells the client from where to resume when the backend is lost, and charges what it took', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    client.sendAudio(new Uint8Array(64_000))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(64_000), patient)
    speech.emit(final(0, 700))
    speech.emit({ type: 'usage', audioMs: 1500 })
    speech.emit({ type: 'error', error: new SpeechError('upstream_lost', 'Gone.') })
    expect(await client.next('error')).toMatchObject({ code: 'upstream_lost', resume_from_ms: 700 })
    expect(await client.closed).toBe(4502)
    expect(await server.ended()).toEqual([{ usedMs: 1500, reason: 'upstream_lost' }])
  })

  it('does not call an end clean in which the backend lost the last words', async () => {
    const error = new SpeechError('upstream_lost', 'No answer.')
    const server = await start({
      engine: { onClose: () => [final(0, 300), { type: 'error', error }] },
    })
    const client = await server.connect()
    client.sendAudio(new Uint8Array(32_000))
    client.send({ type: 'stop' })
    expect(await client.next('error')).toMatchObject({ code: 'upstream_lost', resume_from_ms: 300 })
    expect((await client.next('session_end')).reason).toBe('upstream_lost')
    expect(await client.closed).toBe(4502)
  })

  it('stops reading a client while the backend is behind, and goes on afterwards', async () => {
    const server = await start()
    const client = await server.connect()
    const speech = await server.speech()
    speech.bufferedMs = 9000
    client.sendAudio(new Uint8Array(640))
    client.sendAudio(new Uint8Array(640))
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(640), patient)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(speech.writtenBytes).toBe(640)
    speech.bufferedMs = 0
    await vi.waitFor(() => expect(speech.writtenBytes).toBe(1280), patient)
  })
})
