import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import type { RecoveringRun } from './testing/recovering-session.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const broke = new SpeechError('insufficient_credits', 'Out of credit.')

describe('another language in mid-session', () => {
  const GERMAN = { language: 'de' }
  /** So many words that no final comes by itself. */
  const LONG = { finalWords: [1000] }

  async function switched(run: RecoveringRun) {
    run.speak(50)
    run.session.reconfigure(GERMAN)
    await settle()
    return run.chosen.sessions
  }

  it('leaves what was said before to the language from before, and each word comes once', async () => {
    const run = await startRecovering(LONG)
    const [before, after] = await switched(run)
    run.speak(20)
    await settle()
    expect([before?.config, after?.config]).toEqual([{}, GERMAN])
    expect(before?.isOver).toBe(true)
    // The new one hears no more of it than it needs to begin.
    expect(after?.writtenBytes).toBeLessThanOrEqual((15 + 20) * 640)
    expect(await run.finish()).toEqual({ kind: 'completed' })
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.vanished()).toBe(0)
  })

  it('waits for the words from before, and for three seconds at most', async () => {
    for (const comes of [true, false]) {
      const run = await startRecovering(LONG)
      run.speak(10)
      run.live()?.stall('down')
      const [before, after] = await switched(run)
      run.speak(20)
      await settle()
      expect(before?.isOver).toBe(false)
      expect(after?.writtenBytes).toBe(0)
      if (comes) before?.flow()
      else run.clock.advance(3000)
      await settle()
      expect(after?.writtenBytes).toBeGreaterThan(0)
      run.speak(20)
      run.flow()
      await run.finish()
      expect(run.heardWords()).toEqual(run.spoken)
    }
  })

  it('is spoken at once by the stand-in, too, while the chosen engine is away', async () => {
    const run = await startRecovering()
    run.live()?.cut(broke)
    await settle()
    expect(run.kind()).toBe('fallback')
    await switched(run)
    run.speak(20)
    await settle()
    expect(run.kind()).toBe('fallback')
    expect(run.fallback.sessions.map(({ config }) => config)).toEqual([{}, GERMAN])
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('goes on in the old language, and says why, where the new one cannot be had', async () => {
    const run = await startRecovering()
    run.chosen.openErrors.push(new SpeechError('bad_config', 'It does not know German.'))
    await switched(run)
    expect(run.session.status.trouble?.sentence).toBe('It does not know German.')
    run.speak(20)
    run.session.reconfigure({ language: 'en' })
    await settle()
    expect(run.session.status.trouble).toBeUndefined()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})
