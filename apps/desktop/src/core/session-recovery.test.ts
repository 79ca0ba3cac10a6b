import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { createFrameEngine } from './testing/frame-engine.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')

describe('a session whose engine fails', () => {
  it('reconnects with a growing delay and says every word once', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(33)
    run.live()?.cut(lost)
    await settle()
    expect(run.session.status.indicator).toMatchObject({ kind: 'reconnecting', attempt: 1 })
    run.chosen.openErrors.push(lost, lost)
    run.speak(20)
    const delays: number[] = []
    while (run.kind() === 'reconnecting') {
      delays.push(...run.clock.waitingMs)
      run.clock.advance(delays.at(-1) ?? 0)
      await settle()
    }
    expect(delays).toEqual([250, 500, 1000])
    expect(run.kind()).toBe('listening')
    run.speak(10)
    expect(await run.finish()).toEqual({ kind: 'completed' })
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('comes back by itself after an outage of an hour, and states what is too old', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(10)
    run.chosen.openErrors.push(...Array.from({ length: 720 }, () => lost))
    run.live()?.cut(lost)
    await settle()
    for (let tries = 0; run.kind() === 'reconnecting' && tries < 800; tries++) {
      run.clock.advance(5000)
      run.speak(250)
      await settle()
    }
    expect(run.kind()).toBe('listening')
    expect(run.notices).toEqual([
      expect.stringMatching(/^\d+ seconds of speech have no captions\.$/),
    ])
    run.speak(10)
    await run.finish()
    const words = run.heard.map(({ text }) => Number(text))
    expect(words.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(words.slice(-3010)).toEqual(run.spoken.slice(-3010).map(({ text }) => Number(text)))
    expect(words).toHaveLength(10 + 3010)
  })

  it('waits a random part of its delay, so that not all users come back at once', async () => {
    const delays = async (random: () => number) => {
      const run = await startRecovering({ hasFallback: false, random })
      run.live()?.cut(lost)
      await settle()
      return run.clock.waitingMs
    }
    expect(await delays(() => 0)).toEqual([0])
    expect(await delays(() => 0.5)).toEqual([125])
    expect(await delays(() => 1)).toEqual([250])
  })

  it('keeps listening without credit, and captions what was said once it is there', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(12)
    run.live()?.cut(broke)
    await settle()
    expect(run.kind()).toBe('out_of_credit')
    run.speak(200)
    run.session.retryChosen()
    await settle()
    expect(run.kind()).toBe('listening')
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('keeps a minute of speech, and states what is older', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak(3500)
    run.session.retryChosen()
    await settle()
    await run.finish()
    expect(run.notices).toEqual(['10 seconds of speech have no captions.'])
    expect(run.heard.map(({ text }) => text)).toEqual([
      ...run.spoken.slice(0, 10).map(({ text }) => text),
      ...run.spoken.slice(-3000).map(({ text }) => text),
    ])
  })

  it('does not pay for a long silence again, nor call it speech without captions', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(12)
    await settle()
    run.live()?.finalize()
    await settle()
    run.silence(300_000)
    await settle()
    run.live()?.cut(lost)
    await settle()
    run.clock.advance(250)
    await settle()
    expect(run.notices).toEqual([])
    expect(run.live()?.writtenBytes).toBeLessThanOrEqual(30_400 * 32)
    run.speak(7)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('sends what was said before a long silence again where it has no final yet', async () => {
    const run = await startRecovering({ hasFallback: false, finalWords: [100] })
    run.speak(12)
    run.silence(40_000)
    await settle()
    run.live()?.cut(lost)
    await settle()
    run.clock.advance(250)
    await settle()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('feeds the next engine from where the failed one said', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(4)
    const error = new SpeechError('upstream_lost', 'Gone.', { retryable: true, resumeFromMs: 40 })
    run.live()?.cut(error)
    await settle()
    run.clock.advance(250)
    await settle()
    await run.finish()
    expect(run.heard.map(({ text }) => text)).toEqual(['3', '4'])
  })

  it('hears the last words when the engine fails after the user has stopped', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(33)
    run.live()?.cut(lost)
    await settle()
    run.session.stop()
    expect(await run.session.finished).toEqual({ kind: 'stopped' })
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('hears the last words also where the engine has no room at once', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(33)
    run.chosen.openErrors.push(lost, new SpeechError('busy', 'Full.', { retryable: true }))
    run.live()?.cut(lost)
    await settle()
    run.session.stop()
    await settle()
    while (run.clock.waitingMs.length > 0) {
      run.clock.advance(Math.max(...run.clock.waitingMs))
      await settle()
    }
    expect(await run.session.finished).toEqual({ kind: 'stopped' })
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('says how much nobody heard where the user stops while no engine can be had', async () => {
    const run = await startRecovering({ hasFallback: false, engine: { isRemote: true } })
    await run.talk(2000)
    run.live()?.cut(broke)
    await settle()
    await run.talk(6000)
    run.session.stop()
    expect(await run.session.finished).toEqual({ kind: 'stopped' })
    expect(run.notices).toEqual([expect.stringMatching(/^[67] seconds of speech have no captions/)])
  })

  it('says nothing of what was only noise between words that were all heard', async () => {
    const run = await startRecovering({ hasFallback: false, engine: { isRemote: true } })
    await run.talk(2000)
    await run.noise(1000)
    expect(await run.finish('stopped')).toEqual({ kind: 'stopped' })
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.notices).toEqual([])
  })

  it('ends for the reason that the engine failed for, where no fall-back can be had either', async () => {
    const run = await startRecovering()
    run.speak(3)
    run.fallback.openErrors.push(new SpeechError('model_unavailable', 'There is no model.'))
    run.session.stop()
    run.live()?.cut(broke)
    expect(await run.session.finished).toEqual({ kind: 'failed', error: broke })
  })

  it('sends nothing to the next engine while it is muted and all that was said is final', async () => {
    const run = await startRecovering()
    run.speak(12)
    run.mute(true)
    run.speak(20)
    await settle()
    run.live()?.cut(lost)
    await settle()
    run.clock.advance(250)
    await settle()
    expect(run.kind()).toBe('muted')
    expect(run.chosen.sessions.map(({ writtenBytes }) => writtenBytes)).toEqual([12 * 640, 0])
    run.mute(false)
    run.speak(3)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})

describe('what stands on the screen', () => {
  it('becomes final where no engine is left that could say it again', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(8)
    run.live()?.cut(new SpeechError('bad_config', 'No such model.'))
    expect(await run.session.finished).toMatchObject({ kind: 'failed' })
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.vanished()).toBe(0)
  })
})

describe('another engine during a session', () => {
  it('takes over once it is open, while the old one speaks on', async () => {
    const run = await startRecovering()
    run.speak(13)
    run.switchEngine()
    run.speak(13)
    await settle()
    run.speak(13)
    expect(run.kind()).toBe('listening')
    expect(run.chosen.sessions[0]?.isOver).toBe(true)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('leaves the old one listening, and says so, where it cannot be opened', async () => {
    const run = await startRecovering()
    const broken = createFrameEngine()
    broken.openErrors.push(new SpeechError('bad_config', 'No such model.'))
    run.session.switchEngine(broken)
    run.speak(8)
    await settle()
    expect(run.session.status.indicator).toMatchObject({
      kind: 'fallback',
      reason: 'wrong_settings',
    })
    run.session.reconfigure({ language: 'de' })
    await settle()
    expect(run.kind()).toBe('listening')
    expect(broken.sessions).toHaveLength(1)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})
