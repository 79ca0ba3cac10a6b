import { describe, expect, it } from 'vitest'
import { settle, startRecovering } from './testing/recovering-session.ts'

const engine = { resumes: true, isRemote: true }

/** A session whose chosen engine is far away; it has learned how quiet the room is. */
async function startWatched({ hasFallback = true } = {}) {
  const run = await startRecovering({ engine, hasFallback })
  run.silence(3000)
  return run
}

describe('an engine far away whose connection stays open', () => {
  it('and that says nothing to 8 s of speech is replaced, and no word is lost', async () => {
    const run = await startWatched({ hasFallback: false })
    await run.talk(2000)
    run.live()?.stall('down')
    await run.talk(7000)
    expect(run.chosen.sessions).toHaveLength(1)
    await run.talk(4000)
    expect(run.chosen.sessions).toHaveLength(2)
    expect(run.session.status.indicator.kind).toBe('listening')
    await run.talk(1000)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.usageMs()).toBe(17_000)
  })

  it('and that takes no audio for 3 s is replaced', async () => {
    const run = await startWatched({ hasFallback: false })
    await run.talk(3000)
    run.live()?.stall('up')
    await run.talk(2500)
    expect(run.chosen.sessions).toHaveLength(1)
    await run.talk(3000)
    expect(run.chosen.sessions).toHaveLength(2)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('and that says nothing again makes way for the engine on this machine', async () => {
    const run = await startWatched()
    await run.talk(1000)
    run.live()?.stall('down')
    run.chosen.opensStalled = 'down'
    for (let tries = 0; tries < 100 && run.kind() !== 'fallback'; tries++) await run.talk(500)
    expect(run.kind()).toBe('fallback')
    expect(run.chosen.sessions).toHaveLength(2)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('is not replaced over sound in which nobody says a word: it says so', async () => {
    const run = await startWatched({ hasFallback: false })
    await run.noise(5 * 60_000)
    expect(run.chosen.sessions).toHaveLength(1)
    await run.talk(1000)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.notices).toEqual([])
  })

  it('is found dead by a few words, too, before they are forgotten', async () => {
    const run = await startWatched({ hasFallback: false })
    await run.talk(1000)
    run.live()?.stall('down')
    run.chosen.forget()
    for (let n = 0; n < 20; n++) {
      await run.talk(500)
      run.silence(4500)
      await settle()
    }
    expect(run.chosen.sessions).toHaveLength(2)
    expect(run.chosen.sessions[1]?.resumedFromMs).toBeUndefined()
    await run.talk(500)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.notices).toEqual([])
  })

  it('is left alone while it looks for another backend by itself, but not for ever', async () => {
    const run = await startWatched({ hasFallback: false })
    run.live()?.say({ type: 'reconnecting' })
    run.live()?.stall('down')
    await run.talk(20_000)
    expect(run.chosen.sessions).toHaveLength(1)
    await run.talk(15_000)
    expect(run.chosen.sessions).toHaveLength(2)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})

describe('an engine far away that may take long', () => {
  const slow = { ...engine, mayTakeLong: true } as const

  it('is neither silent nor stuck while it is merely slow', async () => {
    const run = await startRecovering({ hasFallback: false, engine: slow })
    run.silence(3000)
    await run.talk(1000)
    run.live()?.stall('down')
    await run.talk(40_000)
    run.live()?.stall('up')
    await run.talk(40_000)
    expect(run.chosen.sessions).toHaveLength(1)
    run.flow()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('is replaced where it takes nothing for a minute', async () => {
    const run = await startRecovering({ hasFallback: false, engine: slow })
    run.silence(3000)
    run.live()?.stall('up')
    await run.talk(55_000)
    expect(run.chosen.sessions).toHaveLength(1)
    for (let n = 0; n < 30 && run.chosen.sessions.length === 1; n++) await run.talk(1000)
    expect(run.chosen.sessions).toHaveLength(2)
    await run.finish()
  })
})

describe('an engine on this machine', () => {
  it('may be as slow as it is', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.silence(3000)
    run.live()?.stall('up')
    await run.talk(20_000)
    expect(run.chosen.sessions).toHaveLength(1)
    run.flow()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})

describe('a long silence', () => {
  it('is neither sent again nor paid twice', async () => {
    // One that tells of silence makes it easy.
    const quiet = { ...engine, mayTakeLong: true } as const
    const run = await startRecovering({ hasFallback: false, engine: quiet })
    run.silence(3000)
    await run.talk(2000)
    run.live()?.finalize()
    run.silence(5 * 60_000)
    await settle()
    const [session] = run.chosen.sessions
    run.chosen.forget()
    session?.cut()
    await settle()
    run.clock.advance(1000)
    await settle()
    expect(run.live()?.writtenBytes).toBeLessThanOrEqual(51_000 * 32)
    await run.talk(1000)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })
})
