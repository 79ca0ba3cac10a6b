import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { startSession } from './session-runner.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { createFrameEngine, wordFrame } from './testing/frame-engine.ts'
import { createManualSource } from './testing/manual-source.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')

describe('a session with a fall-back', () => {
  it('falls back at once where credit is out, and returns when it is there again', async () => {
    const run = await startRecovering()
    run.speak(33)
    run.live()?.cut(broke)
    await settle()
    expect(run.session.status.indicator).toEqual({
      kind: 'fallback',
      reason: 'out_of_credit',
      sentence: 'Out of credit.',
    })
    run.speak(44)
    expect(run.session.status.isFallback).toBe(true)
    run.session.retryChosen()
    run.speak(1)
    await settle()
    expect(run.kind()).toBe('listening')
    expect(run.session.status.isFallback).toBe(false)
    expect(run.chosen.sessions).toHaveLength(2)
    run.speak(11)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('has another engine speaking within two seconds', async () => {
    const run = await startRecovering()
    run.session.switchEngine({ open: async () => new Promise<never>(() => undefined) })
    run.speak(12)
    run.live()?.cut(lost)
    await settle()
    let waitedMs = 0
    while (run.kind() === 'reconnecting' && waitedMs < 10_000) {
      run.clock.advance(100)
      run.speak(5)
      waitedMs += 100
      await settle()
    }
    expect(run.kind()).toBe('fallback')
    expect(waitedMs).toBeLessThanOrEqual(2000)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('tries the chosen engine while another one speaks, and changes back once it has proved itself', async () => {
    const run = await startRecovering()
    run.chosen.openErrors.push(lost, lost, lost, lost)
    run.live()?.cut(lost)
    await settle()
    for (let ms = 0; ms < 2000; ms += 100) {
      run.clock.advance(100)
      await settle()
    }
    expect(run.kind()).toBe('fallback')
    expect(run.session.status.nextTryInMs).toBeLessThanOrEqual(6000)
    run.clock.advance(6000)
    await settle()
    expect(run.chosen.openErrors).toHaveLength(0)
    expect(run.session.status.nextTryInMs).toBe(18_000)
    run.clock.advance(18_000)
    run.speak(7)
    await settle()
    // Open, and not trusted yet: it dies, and the next one is opened a minute later.
    expect(run.chosen.sessions).toHaveLength(2)
    run.clock.advance(4900)
    run.chosen.sessions[1]?.cut(lost)
    await settle()
    run.clock.advance(72_000)
    await settle()
    expect(run.kind()).toBe('fallback')
    run.speak(4)
    run.clock.advance(5000)
    await settle()
    // In the middle of an utterance it is not disturbed.
    expect(run.kind()).toBe('fallback')
    run.fallback.sessions[0]?.finalize()
    await settle()
    expect(run.kind()).toBe('listening')
    expect(run.session.status).toMatchObject({ isFallback: false, trouble: undefined })
    run.speak(7)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('takes the chosen engine back while the fall-back still loads', async () => {
    const manual = createManualSource()
    const chosen = createFrameEngine()
    const clock = createFakeClock()
    const words: string[] = []
    const session = startSession({
      engine: chosen,
      source: manual.source,
      config: {},
      sinks: [
        {
          onEvent(event) {
            if (event.type === 'final') words.push(...event.words.map(({ text }) => text))
          },
        },
      ],
      onNotice: () => undefined,
      recovers: true,
      fallback: async () => new Promise<never>(() => undefined),
      clock,
      random: () => 1,
    })
    await settle()
    manual.listener?.onAudio(wordFrame(1))
    chosen.openErrors.push(lost, lost, lost, lost)
    chosen.sessions[0]?.cut(lost)
    for (let ms = 0; ms < 14_000; ms += 100) {
      clock.advance(100)
      await settle()
    }
    manual.listener?.onAudio(wordFrame(2))
    await settle()
    expect(session.status.indicator).toEqual({ kind: 'listening' })
    session.stop()
    await session.finished
    expect(words).toEqual(['1', '2'])
  })

  it('starts with the fall-back where the chosen engine cannot be had', async () => {
    const manual = createManualSource()
    const chosen = createFrameEngine()
    chosen.openErrors.push(new SpeechError('unauthenticated', 'Log in.'))
    const session = startSession({
      engine: chosen,
      source: manual.source,
      config: {},
      sinks: [],
      onNotice: () => undefined,
      recovers: true,
      fallback: async () => createFrameEngine(),
      clock: createFakeClock(),
    })
    await settle()
    expect(session.status.indicator).toMatchObject({ kind: 'fallback', reason: 'access_refused' })
    expect(manual.listener).toBeDefined()
    session.stop()
    await session.finished
  })
})
