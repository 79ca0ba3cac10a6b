import { once } from 'node:events'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { FakeDeepgram } from './fake-deepgram.ts'
import { startFakeDeepgram } from './fake-deepgram.ts'
import { createFakeTranscriber } from './fake-deepgram-transcriber.ts'

const RAW = 'encoding=linear16&sample_rate=16000&channels=1&model=nova-3'
const IDLE_TIMEOUT_MS = 1500
const DEADLINE = { timeout: 20_000 }

describe('the fake Deepgram', { timeout: 30_000 }, () => {
  let fake: FakeDeepgram

  beforeEach(async () => {
    fake = await startFakeDeepgram({ idleTimeoutMs: IDLE_TIMEOUT_MS, maxStreams: 1 })
  })
  afterEach(async () => fake[Symbol.asyncDispose]())

  function dial(query = RAW, apiKey = fake.apiKey) {
    const headers = { authorization: `Token ${apiKey}` }
    return new WebSocket(`${fake.url}/v1/listen?${query}`, { headers })
  }

  async function open(query?: string) {
    const ws = dial(query)
    const messages: Record<string, unknown>[] = []
    ws.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
    const closed = once(ws, 'close') as Promise<[number, Buffer]>
    await once(ws, 'open')
    return { ws, messages, closed }
  }

  async function refusal(ws: WebSocket) {
    ws.on('error', () => undefined)
    const [, response] = await once(ws, 'unexpected-response')
    ws.terminate()
    return { status: response.statusCode, dgError: response.headers['dg-error'] }
  }

  it('refuses a wrong key, and says so in dg-error', async () => {
    const refused = await refusal(dial(RAW, 'wrong'))
    expect(refused).toEqual({ status: 401, dgError: 'Invalid credentials.' })
  })

  it.each([
    'encoding=linear16',
    'encoding=mp7&sample_rate=16000',
    'model=parrot',
    'model=nova-3&keywords=a',
    'model=nova-2&keyterm=a',
    'punctuate=yes',
    'endpointing=soon',
    'utterance_end_ms=1000',
    'utterance_end_ms=10&interim_results=true',
  ])('refuses the query %s', async (query) => {
    expect(await refusal(dial(query))).toMatchObject({ status: 400 })
  })

  it('takes no more streams than it is allowed', async () => {
    await open()
    expect(await refusal(dial())).toMatchObject({ status: 429 })
  })

  it('closes on raw audio that was not declared', async () => {
    const { ws, closed } = await open('model=nova-3')
    ws.send(Buffer.alloc(640, 1))
    const [code, reason] = await closed
    expect([code, reason.toString()]).toEqual([1008, expect.stringContaining('DATA-0000')])
  })

  it.each([
    ['an empty binary frame', Buffer.alloc(0), 1000],
    ['a text message that it does not know', '{"type":"Hello"}', 1008],
    ['text that is not JSON', 'hello', 1008],
  ])('closes on %s', async (_what, message, expected) => {
    const { ws, closed } = await open()
    ws.send(Buffer.alloc(640, 1))
    ws.send(message)
    expect((await closed)[0]).toBe(expected)
  })

  it('closes a stream that never had audio, KeepAlive or not', async () => {
    const { ws, closed } = await open()
    const timer = setInterval(() => ws.send('{"type":"KeepAlive"}'), IDLE_TIMEOUT_MS / 10)
    const [code, reason] = await closed
    clearInterval(timer)
    expect([code, reason.toString()]).toEqual([1011, expect.stringContaining('NET-0001')])
  })

  it('answers CloseStream with the last final, the receipt and close 1000', async () => {
    const { ws, messages, closed } = await open()
    ws.send(Buffer.alloc(6400, 1))
    ws.send('{"type":"CloseStream"}')
    expect((await closed)[0]).toBe(1000)
    expect(messages).toMatchObject([
      { type: 'Results', is_final: true, start: 0, duration: 0.2 },
      { type: 'Metadata', duration: 0.2, channels: 1 },
    ])
    await expect.poll(() => fake.connections[0]?.closed?.code, DEADLINE).toBe(1000)
    expect(fake.connections[0]).toMatchObject({
      audioBytes: 6400,
      audioMessages: [6400],
      messages: [{ type: 'CloseStream' }],
      query: { encoding: ['linear16'] },
    })
  })

  it('marks the final that Finalize calls forth', async () => {
    const { ws, messages } = await open()
    ws.send(Buffer.alloc(3200, 1))
    ws.send('{"type":"Finalize"}')
    await expect.poll(() => messages, DEADLINE).toMatchObject([{ from_finalize: true }])
  })
})

describe('the fake transcript', { timeout: 60_000 }, () => {
  const options = {
    bytesPerMs: 32,
    interimResults: true,
    vadEvents: true,
    punctuate: true,
    endpointingMs: 200,
    utteranceEndMs: 1000,
  }
  /** Pieces of a tenth of a second: 0 is silence. */
  const audio = fc
    .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 })
    .map((levels) => Buffer.concat(levels.map((level) => Buffer.alloc(3200, level))))

  function transcribe(chunks: readonly Uint8Array[]): object[] {
    const transcriber = createFakeTranscriber(options)
    return [...chunks.flatMap((chunk) => transcriber.push(chunk)), ...transcriber.finalize(false)]
  }

  function words(pcm: Uint8Array): string {
    return (
      JSON.stringify(transcribe([pcm]))
        .match(/"word":"\w+"/g)
        ?.join() ?? ''
    )
  }

  it('does not depend on how the audio is cut', () => {
    fc.assert(
      fc.property(audio, fc.array(fc.nat(40_000)), (pcm, cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), pcm.byteLength]
        const chunks = at.slice(1).map((end, i) => pcm.subarray(at[i], end))
        expect(transcribe(chunks)).toEqual(transcribe([pcm]))
      }),
    )
  })

  it('shows audio that was lost, doubled or altered by other words', () => {
    const pcm = Buffer.concat([1, 2, 3, 1, 2].map((level) => Buffer.alloc(3200, level)))
    const altered = Buffer.from(pcm)
    altered[5000] = 77
    const lost = Buffer.concat([pcm.subarray(0, 640), pcm.subarray(1280)])
    const doubled = Buffer.concat([pcm.subarray(0, 3840), pcm.subarray(3200)])
    expect(new Set([pcm, altered, lost, doubled].map(words)).size).toBe(4)
  })

  it('ends an utterance at a pause and says nothing about silence', () => {
    const pcm = Buffer.concat([Buffer.alloc(9600, 1), Buffer.alloc(41_600), Buffer.alloc(3200, 1)])
    const said = transcribe([pcm]) as { type: string; speech_final?: boolean }[]
    const told = said.filter((message) => message.type !== 'Results' || message.speech_final)
    expect(told).toMatchObject([
      { type: 'SpeechStarted', timestamp: 0 },
      { type: 'Results', start: 0, duration: 0.5, is_final: true },
      { type: 'UtteranceEnd', last_word_end: 0.3 },
      { type: 'SpeechStarted', timestamp: 1.6 },
      { type: 'Results', is_final: true },
    ])
    expect(words(Buffer.alloc(64_000))).toBe('')
  })
})
