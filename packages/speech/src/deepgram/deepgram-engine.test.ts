import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { msToBytes } from '../pcm.ts'
import { summarise } from '../testing/engine-contract-run.ts'
import { IDLE_TIMEOUT_MS, KEY, noise, setDeepgramStage } from './testing/deepgram-stage.ts'

const DEADLINE = { timeout: 20_000 }
const silence = (ms: number) => new Uint8Array(msToBytes(ms))

describe('the Deepgram engine', { timeout: 30_000 }, () => {
  const stage = setDeepgramStage()
  const { open } = stage

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
    stage.fake.faults.push({ on: 'audio', action: 'repeat-finals' })
    const { session, said } = await open()
    session.write(noise(3500))
    await session.close()
    expect(summarise(said.events).finals).toMatchObject([{ endMs: 13_000 }, { endMs: 13_500 }])
  })

  it('waits at close for words that come late', async () => {
    stage.fake.faults.push({ on: 'close-stream', action: 'delay', delayMs: 200 })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    expect(summarise(said.events).text).not.toBe('')
  })

  it('waits on at close as long as Deepgram is still at work on what it was sent', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'delay', delayMs: 1500 })
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
      stage.fake.faults.push({ on: 'close-stream', action })
      const { session, said } = await open({ closeTimeoutMs: 300 })
      session.write(noise(500))
      await session.close()
      expect(said.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_lost' } })
    },
  )
})
