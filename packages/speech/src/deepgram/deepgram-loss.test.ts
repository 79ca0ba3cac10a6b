import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { msToBytes } from '../pcm.ts'
import type { SpeechSession } from '../speech-engine.ts'
import { summarise } from '../testing/engine-contract-run.ts'
import { noise, setDeepgramStage } from './testing/deepgram-stage.ts'

const DEADLINE = { timeout: 20_000 }

describe('a stream to Deepgram that goes wrong', { timeout: 30_000 }, () => {
  const stage = setDeepgramStage()
  const { engine, open, failure } = stage

  it('tells where to go on when Deepgram closes in mid-speech, and does not dial again', async () => {
    const reason = 'NET-0001: no audio'
    stage.fake.faults.push({ on: 'audio', afterMs: 4000, action: 'close', code: 1011, reason })
    const opened = await open()
    opened.session.write(noise(3500))
    const { error, events } = await failure(opened)
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true, resumeFromMs: 13_000 })
    expect(error.message).toContain('code 1011, NET-0001')
    expect(summarise(events).finals.at(-1)?.endMs).toBe(13_000)
    opened.session.write(noise(100))
    opened.session.finalize()
    await opened.session.close()
    expect(stage.fake.connections).toHaveLength(1)
  })

  it('takes an orderly close that it did not ask for as a loss too', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'close', code: 1000 })
    expect((await failure(await open())).error).toMatchObject({ code: 'upstream_lost' })
  })

  it('tells a dropped connection by code 1006', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'drop' })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', resumeFromMs: 10_000 })
    expect(error.message).toContain('code 1006')
  })

  it('notices a peer that has vanished without a word, and says where to go on', async () => {
    stage.fake.faults.push({ on: 'audio', afterMs: 3500, action: 'stall' })
    const opened = await open({ pingMs: 50 })
    opened.session.write(noise(3100))
    await expect.poll(() => summarise(opened.said.events).finals, DEADLINE).toHaveLength(1)
    const { error } = await failure(opened)
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true, resumeFromMs: 13_000 })
  })

  it('keeps a peer that has nothing to say but answers its pings', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'mute' })
    const { session, said } = await open({ pingMs: 100, closeTimeoutMs: 100 })
    session.write(noise(500))
    await sleep(600)
    expect(said.events.map((event) => event.type)).not.toContain('error')
    await session.close()
  })

  it('reports lost finals of a peer that went silent before the end', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'stall' })
    const { session, said } = await open({ closeTimeoutMs: 300 })
    session.write(noise(5000))
    await session.close()
    await said.end
    expect(said.events.at(-1)).toMatchObject({
      error: { code: 'upstream_lost', retryable: true, resumeFromMs: 10_000 },
    })
  })

  it('reports a connection lost while it waited for the last words', async () => {
    stage.fake.faults.push({ on: 'close-stream', action: 'drop' })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    await said.end
    expect(said.events.at(-1)).toMatchObject({ error: { code: 'upstream_lost' } })
  })

  it('does not mind how the connection ends once all words and the receipt have come', async () => {
    stage.fake.faults.push(
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
    stage.fake.faults.push({ on: 'audio', action: 'say', messages })
    const { session, said } = await open()
    session.write(noise(500))
    await session.close()
    expect(summarise(said.events).finals).toMatchObject([{ endMs: 10_500 }])
    expect(said.events.map((event) => event.type)).not.toContain('error')
  })

  it('gives a session up after a hundred messages that make no sense', async () => {
    const messages = Array<string>(101).fill('nonsense')
    stage.fake.faults.push({ on: 'audio', action: 'say', messages })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true })
    expect(error.message).toContain('101 messages that make no sense')
    await expect.poll(() => stage.fake.openCount, DEADLINE).toBe(0)
  })

  it('drops a peer that sends a message of more than a megabyte', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'say', messages: ['x'.repeat(1024 * 1024 + 1)] })
    const { error } = await failure(await open())
    expect(error).toMatchObject({ code: 'upstream_lost', retryable: true })
    expect(error.message).toContain('code 1006')
  })

  it('shows how much audio a stalled peer has not taken', async () => {
    stage.fake.faults.push({ on: 'audio', action: 'stall' })
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
