import { getEventListeners } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { TranscribeConfig } from '@saywire/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { msToBytes } from '../pcm.ts'
import { SpeechError } from '../speech-error.ts'
import type { SpeechSession } from '../speech-engine.ts'
import { listen, summarise } from '../testing/engine-contract-run.ts'
import type { FakeDeepgram } from '../testing/fake-deepgram.ts'
import { startFakeDeepgram } from '../testing/fake-deepgram.ts'
import type { DeepgramEngineDeps } from './deepgram-engine.ts'
import { createDeepgramEngine } from './deepgram-engine.ts'

const KEY = 'secret-key-0123456789'
const IDLE_TIMEOUT_MS = 2000
const DEADLINE = { timeout: 20_000 }
const never = new AbortController().signal

/** Noise: each window of it is a word to the fake. */
function noise(ms: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: msToBytes(ms) }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345
    return (state >>> 16) & 0xff
  })
}

const silence = (ms: number) => new Uint8Array(msToBytes(ms))

describe('the Deepgram engine', { timeout: 30_000 }, () => {
  let fake: FakeDeepgram

  beforeEach(async () => {
    fake = await startFakeDeepgram({ apiKey: KEY, idleTimeoutMs: IDLE_TIMEOUT_MS })
  })
  afterEach(async () => fake[Symbol.asyncDispose]())

  function engine(deps: Partial<DeepgramEngineDeps> = {}) {
    return createDeepgramEngine({ apiKey: KEY, url: fake.url, ...deps })
  }

  async function open(deps: Partial<DeepgramEngineDeps> = {}, config: TranscribeConfig = {}) {
    const session = await engine(deps).open({ config, startMs: 10_000 }, never)
    return { session, said: listen(session), stream: fake.connections.at(-1)! }
  }

  async function refusal(deps: Partial<DeepgramEngineDeps> = {}, config: TranscribeConfig = {}) {
    const error = await engine(deps)
      .open({ config }, never)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(error).toBeInstanceOf(SpeechError)
    expect(inspect(error, { depth: Infinity })).not.toContain(KEY)
    return error as SpeechError
  }

  /** The error that ends a session which meets the faults while it sends a second of noise. */
  async function failure({ session, said }: Awaited<ReturnType<typeof open>>) {
    session.write(noise(1000))
    await said.end
    const last = said.events.at(-1)
    expect(last).toMatchObject({ type: 'error' })
    expect(inspect(last, { depth: Infinity })).not.toContain(KEY)
    return { events: said.events, error: (last as { error: SpeechError }).error }
  }

  it('authenticates by header and tells Deepgram the format and the settings, escaped', async () => {
    const { session, stream } = await open(
      {},
      { language: 'en-US', keyterm: ['a & b=c', 'Zoë'], endpointing: 300 },
    )
    expect(stream.headers['authorization']).toBe(`Token ${KEY}`)
    expect(stream.query).toMatchObject({
      encoding: ['linear16'],
      sample_rate: ['16000'],
      channels: ['1'],
      model: ['nova-3'],
      vad_events: ['true'],
      language: ['en-US'],
      keyterm: ['a & b=c', 'Zoë'],
      endpointing: ['300'],
    })
    expect(session.backend).toBe('deepgram nova-3')
    await session.close()
  })

  it('packs audio into 100 ms messages and sends the rest at close, byte for byte', async () => {
    const { session, said, stream } = await open()
    const pcm = noise(1050)
    for (let at = 0; at < pcm.byteLength; at += 640) session.write(pcm.slice(at, at + 640))
    session.write(new Uint8Array(0))
    await session.close()
    expect(stream.audioMessages).toEqual([...Array(10).fill(3200), 1600])
    expect(stream.audio.equals(pcm)).toBe(true)
    expect(summarise(said.events).usedMs).toBe(1050)
    expect(stream.messages).toEqual([{ type: 'CloseStream' }])
    await expect.poll(() => stream.closed?.code, DEADLINE).toBe(1000)
  })

  it('does not keep a short piece of audio waiting for more', async () => {
    const { session, stream } = await open()
    session.write(noise(40))
    expect(session.bufferedMs).toBe(40)
    await expect.poll(() => stream.audioMessages, DEADLINE).toEqual([msToBytes(40)])
    await expect.poll(() => session.bufferedMs, DEADLINE).toBe(0)
    await session.close()
  })

  it('counts the waiting time from the oldest byte that waits', async () => {
    const { session, stream } = await open()
    session.write(noise(20))
    session.write(noise(80))
    await sleep(60)
    const sinceMs = performance.now()
    session.write(noise(20))
    await expect.poll(() => stream.audioMessages, DEADLINE).toEqual([3200, 640])
    // Timers never fire early by more than their rounding.
    expect(performance.now() - sinceMs).toBeGreaterThan(98)
    await session.close()
  })

  it('sends what is pending before Finalize, and no Finalize without audio', async () => {
    const { session, said, stream } = await open()
    session.finalize()
    session.write(noise(240))
    session.finalize()
    await expect.poll(() => summarise(said.events).text, DEADLINE).toMatch(/W0x\w+ w100x/)
    expect(stream.audioMessages).toEqual([3200, 3200, 1280])
    expect(stream.messages).toEqual([{ type: 'Finalize' }])
    await session.close()
  })

  it('lives through silence on the line, without a trace in times or usage', async () => {
    const { session, said, stream } = await open({ keepAliveMs: IDLE_TIMEOUT_MS / 10 })
    // Well past the time that Deepgram waits.
    await expect.poll(() => stream.messages.length, DEADLINE).toBe(15)
    session.write(noise(500))
    await session.close()
    const { finals, usedMs, events } = summarise(said.events)
    expect(usedMs).toBe(500)
    expect(finals).toMatchObject([{ startMs: 10_000, endMs: 10_500 }])
    expect(events).toContainEqual({ type: 'speech-started', atMs: 10_000 })
    expect(stream.audioMessages[0]).toBe(3200)
    expect(stream.audio.subarray(0, 3200).every((byte) => byte === 0)).toBe(true)
    expect(stream.messages).toContainEqual({ type: 'KeepAlive' })
  })

  it('reports speech, pauses and ends of utterances once each, on the capture clock', async () => {
    const { session, said } = await open({}, { utterance_end_ms: 1000, endpointing: 300 })
    session.write(silence(200))
    session.write(noise(400))
    session.write(silence(1400))
    await session.close()
    const told = said.events.filter((event) => event.type !== 'usage')
    expect(told).toMatchObject([
      { type: 'speech-started', atMs: 10_200 },
      { type: 'interim', startMs: 10_000, endMs: 10_500, words: [{ startMs: 10_200 }, {}, {}] },
      {
        type: 'final',
        startMs: 10_000,
        endMs: 10_900,
        speechFinal: true,
        words: [{ startMs: 10_200 }, {}, {}, { endMs: 10_600 }],
      },
      { type: 'utterance-end', lastWordEndMs: 10_600 },
      { type: 'receipt', audioMs: 2000, requestId: 'fake' },
    ])
  })

  it('forgets a final that Deepgram says twice', async () => {
    fake.faults.push({ on: 'audio', action: 'repeat-finals' })
    const { session, said } = await open()
    session.write(noise(3500))
    await session.close()
    expect(summarise(said.events).finals).toMatchObject([{ endMs: 13_000 }, { endMs: 13_500 }])
  })

  it('waits at close for words that come late', async () => {
    fake.faults.push({ on: 'close-stream', action: 'delay', delayMs: 200 })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    expect(summarise(said.events).text).not.toBe('')
  })

  it('waits on at close as long as Deepgram is still at work on what it was sent', async () => {
    fake.faults.push({ on: 'audio', action: 'delay', delayMs: 1500 })
    const { session, said } = await open({ closeTimeoutMs: 900 })
    for (let piece = 0; piece < 10; piece++) {
      session.write(noise(500))
      await sleep(150)
    }
    await session.close()
    expect(said.events.at(-1)).toMatchObject({ type: 'receipt', audioMs: 5000 })
  })

  it.each(['mute', 'stall'] as const)(
    'gives up a CloseStream that is never answered (%s), and says that words may be missing',
    async (action) => {
      fake.faults.push({ on: 'close-stream', action })
      const { session, said } = await open({ closeTimeoutMs: 300 })
      session.write(noise(500))
      await session.close()
      expect(said.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_lost' } })
    },
  )

  it.each([
    [400, 'bad_config', false, /no such model/],
    [401, 'unauthenticated', false, /refused the key/],
    [403, 'unauthenticated', false, /refused the key/],
    [402, 'insufficient_credits', false, /no credit left/],
    [414, 'bad_config', false, /too many key terms/],
    [431, 'bad_config', false, /too many key terms/],
    [429, 'busy', true, /no more streams/],
    [404, 'unreachable', false, /HTTP 404/],
    [503, 'unreachable', true, /HTTP 503/],
  ] as const)(
    'says what an upgrade refused with %i means: %s',
    async (status, code, retry, text) => {
      const dgError = 'no such model'
      fake.faults.push({ on: 'connect', action: 'refuse', status, dgError, retryAfterS: 7 })
      const error = await refusal()
      expect(error).toMatchObject({ code, retryable: retry })
      expect(error.message).toMatch(text)
      expect(error.retryAfterMs).toBe([429, 503].includes(status) ? 7000 : undefined)
    },
  )

  it('is refused for a wrong key and for a model that does not exist', async () => {
    expect(await refusal({ apiKey: 'wrong' })).toMatchObject({ code: 'unauthenticated' })
    const error = await refusal({}, { model: 'nova-9000x' })
    expect(error).toMatchObject({ code: 'bad_config' })
    expect(error.message).toContain('No such model')
  })

  it.each(['', 'key with spaces', 'key\r\nx-evil: 1', 'ключ'])(
    'does not dial with %j for a key',
    async (apiKey) => {
      expect(await refusal({ apiKey })).toMatchObject({ code: 'unauthenticated' })
      expect(fake.connections).toEqual([])
    },
  )

  it.each(['', 'deepgram', 'ftp://host', 'ws://host/#x'])('does not dial %j', async (url) => {
    expect(await refusal({ url })).toMatchObject({ code: 'bad_config' })
  })

  it('takes the address of the REST API for the stream too', async () => {
    const { session } = await open({ url: fake.url.replace('ws:', 'http:') })
    await session.close()
    expect(fake.connections).toHaveLength(1)
  })

  it('gives up a dial that nobody answers, after its time', async () => {
    fake.faults.push({ on: 'connect', action: 'hang' })
    const error = await refusal({ dialTimeoutMs: 200 })
    expect(error).toMatchObject({ code: 'unreachable', retryable: true })
    expect(error.message).toContain('within 0.2 seconds')
  })

  it('gives up a dial at once when it is aborted', async () => {
    fake.faults.push({ on: 'connect', action: 'hang' })
    const controller = new AbortController()
    const opening = engine({ dialTimeoutMs: 60_000 }).open({ config: {} }, controller.signal)
    setTimeout(() => controller.abort(), 50)
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('says that nobody is there', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error = await refusal({ url: `ws://127.0.0.1:${port}` })
    expect(error).toMatchObject({ code: 'unreachable', retryable: true })
    expect(error.message).toContain('ECONNREFUSED')
    fake.faults.push({ on: 'connect', action: 'drop' })
    expect(await refusal()).toMatchObject({ code: 'unreachable', retryable: true })
  })

  it('tells where to go on when Deepgram closes in mid-speech, and does not dial again', async () => {
    const reason = 'NET-0001: no audio'
    fake.faults.push({ on: 'audio', afterMs: 4000, action: 'close', code: 1011, reason })
    const opened = await open()
    opened.session.write(noise(3500))
    const { error, events } = await failure(opened)
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true, resumeFromMs: 13_000 })
    expect(error.message).toContain('code 1011, NET-0001')
    expect(summarise(events).finals.at(-1)?.endMs).toBe(13_000)
    opened.session.write(noise(100))
    opened.session.finalize()
    await opened.session.close()
    expect(fake.connections).toHaveLength(1)
  })

  it('takes an orderly close that it did not ask for as a loss too', async () => {
    fake.faults.push({ on: 'audio', action: 'close', code: 1000 })
    expect((await failure(await open())).error).toMatchObject({ code: 'upstream_lost' })
  })

  it('tells a dropped connection by code 1006', async () => {
    fake.faults.push({ on: 'audio', action: 'drop' })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', resumeFromMs: 10_000 })
    expect(error.message).toContain('code 1006')
  })

  it('notices a peer that has vanished without a word, and says where to go on', async () => {
    fake.faults.push({ on: 'audio', afterMs: 3500, action: 'stall' })
    const opened = await open({ pingMs: 50 })
    opened.session.write(noise(3100))
    await expect.poll(() => summarise(opened.said.events).finals, DEADLINE).toHaveLength(1)
    const { error } = await failure(opened)
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true, resumeFromMs: 13_000 })
  })

  it('keeps a peer that has nothing to say but answers its pings', async () => {
    fake.faults.push({ on: 'audio', action: 'mute' })
    const { session, said } = await open({ pingMs: 100, closeTimeoutMs: 100 })
    session.write(noise(500))
    await sleep(600)
    expect(said.events.map((event) => event.type)).not.toContain('error')
    await session.close()
  })

  it('reports lost finals of a peer that went silent before the end', async () => {
    fake.faults.push({ on: 'audio', action: 'stall' })
    const { session, said } = await open({ closeTimeoutMs: 300 })
    session.write(noise(5000))
    await session.close()
    await said.end
    expect(said.events.at(-1)).toMatchObject({
      error: { code: 'upstream_lost', retryable: true, resumeFromMs: 10_000 },
    })
  })

  it('reports a connection lost while it waited for the last words', async () => {
    fake.faults.push({ on: 'close-stream', action: 'drop' })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    await said.end
    expect(said.events.at(-1)).toMatchObject({ error: { code: 'upstream_lost' } })
  })

  it('does not mind how the connection ends once all words and the receipt have come', async () => {
    fake.faults.push(
      { on: 'close-stream', action: 'say', messages: ['{"type":"Metadata"}'] },
      { on: 'close-stream', action: 'close', code: 1011 },
    )
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    expect(said.events.map((event) => event.type)).not.toContain('error')
  })

  it('leaves nothing on a signal that outlives its sessions', async () => {
    const { signal } = new AbortController()
    const session = await engine().open({ config: {} }, signal)
    expect(getEventListeners(signal, 'abort')).not.toHaveLength(0)
    await session.close()
    await expect.poll(() => getEventListeners(signal, 'abort'), DEADLINE).toHaveLength(0)
  })

  it('reports a stream that Deepgram closed for idleness', async () => {
    const { said } = await open({ keepAliveMs: 60_000 })
    await said.end
    expect(said.events).toMatchObject([{ type: 'error', error: { code: 'upstream_lost' } }])
  })

  it('shrugs at nonsense, binary and oversized numbers, and goes on', async () => {
    const messages = [
      '{"type":"Results","channel":{"alternatives":[{"transcript":',
      'null',
      '{"__proto__":{"polluted":true},"type":"Results","channel":null}',
      '{"type":"Results","start":0,"duration":1e9,"is_final":true,"channel":{"alternatives":[{"transcript":"x","confidence":1,"words":[]}]}}',
      '{"type":"Warning","description":"never heard of"}',
      new Uint8Array([0, 255]),
    ]
    fake.faults.push({ on: 'audio', action: 'say', messages })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    expect(summarise(said.events).finals).toMatchObject([{ endMs: 10_500 }])
    expect(said.events.map((event) => event.type)).not.toContain('error')
  })

  it('gives a session up after a hundred messages that make no sense', async () => {
    const messages = Array<string>(101).fill('nonsense')
    fake.faults.push({ on: 'audio', action: 'say', messages })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true })
    expect(error.message).toContain('101 messages that make no sense')
    await expect.poll(() => fake.openCount, DEADLINE).toBe(0)
  })

  it('drops a peer that sends a message of more than a megabyte', async () => {
    fake.faults.push({ on: 'audio', action: 'say', messages: ['x'.repeat(1024 * 1024 + 1)] })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true })
    expect(error.message).toContain('code 1006')
  })

  it('shows how much audio a stalled peer has not taken', async () => {
    fake.faults.push({ on: 'audio', action: 'stall' })
    const controller = new AbortController()
    const session: SpeechSession = await engine().open({ config: {} }, controller.signal)
    await writeUntil(session, () => session.bufferedMs > 5000)
    controller.abort()
    expect(session.bufferedMs).toBe(0)
  })
})

/** Writes minutes of audio, letting the network take what it will, until the condition holds. */
async function writeUntil(session: SpeechSession, condition: () => boolean): Promise<void> {
  for (let minute = 0; minute < 60; minute++) {
    session.write(new Uint8Array(msToBytes(60_000)))
    await sleep(10)
    if (condition()) return
  }
  throw new Error('the network took an hour of audio')
}
