import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from './testing/memory-store.ts'
import type { RecoveringRun } from './testing/recovering-session.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')
const engine = { resumes: true }

function createDeferred() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve: () => resolve() }
}

async function reconnect(run: RecoveringRun, waitMs = 5000): Promise<void> {
  await settle()
  run.clock.advance(waitMs)
  await settle()
}

describe('a session that is cut off and gone on with', () => {
  it('is sent exactly what it lacks, and accounts for each ms once', async () => {
    const run = await startRecovering({ hasFallback: false, engine })
    run.speak(33)
    run.live()?.stall('up')
    run.speak(10)
    run.live()?.cut(lost)
    run.speak(7)
    await reconnect(run)
    run.speak(5)
    expect(run.chosen.sessions.map(({ resumedFromMs }) => resumedFromMs)).toEqual([undefined, 660])
    expect(run.live()?.writtenBytes).toBe(22 * 640)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.usageMs()).toBe(55 * 20)
  })

  it('loses no word that was said but did not arrive', async () => {
    const run = await startRecovering({ hasFallback: false, engine })
    run.speak(7)
    run.live()?.stall('down')
    run.speak(20)
    run.live()?.cut(lost)
    await reconnect(run)
    expect(run.live()?.writtenBytes).toBe(0)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('asks again for the final that it had asked for, where that did not arrive', async () => {
    const run = await startRecovering({ hasFallback: false, engine })
    run.speak(3)
    run.live()?.stall('up')
    run.mute(true)
    run.speak(20)
    run.live()?.cut(lost)
    await reconnect(run)
    await settle()
    expect(run.heardWords()).toEqual(run.spoken)
    await run.finish()
  })

  it('is left where another engine has got further meanwhile: what has captions is not paid again', async () => {
    const run = await startRecovering({ engine })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak(500)
    await settle()
    run.session.retryChosen()
    await settle()
    run.speak(20)
    await reconnect(run)
    run.speak(5)
    await settle()
    expect(run.chosen.sessions.map(({ resumedFromMs }) => resumedFromMs)).toEqual([
      undefined,
      undefined,
    ])
    expect(run.chosen.acceptedMs()).toBeLessThan(2000)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('is left, too, where another engine comes in while it is being opened', async () => {
    const run = await startRecovering({ engine })
    const [chosenOpens, fallbackOpens] = [createDeferred(), createDeferred()]
    run.speak(10)
    run.fallback.opensAfter = fallbackOpens.promise
    run.chosen.openErrors.push(lost, lost, lost)
    run.live()?.cut(lost)
    for (let seconds = 0; seconds < 5; seconds++) await reconnect(run, 1000)
    expect(run.kind()).toBe('reconnecting')
    run.chosen.openErrors.length = 0
    run.chosen.opensAfter = chosenOpens.promise
    await reconnect(run)
    fallbackOpens.resolve()
    await settle()
    run.speak(500)
    chosenOpens.resolve()
    for (let n = 0; n < 200 && run.kind() !== 'listening'; n++) await reconnect(run, 1000)
    run.speak(20)
    await settle()
    expect(run.kind()).toBe('listening')
    expect(run.live()?.resumedFromMs).toBeUndefined()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.chosen.acceptedMs()).toBeLessThan(2000)
  })

  it('costs as much as an unbroken one, however often and wherever it is cut', async () => {
    const anyStep = fc.oneof(
      fc.record({ speak: fc.integer({ min: 1, max: 60 }) }),
      fc.constantFrom('stall-up', 'stall-down', 'cut', 'mute', 'unmute', 'settle'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
        fc.array(anyStep, { maxLength: 30 }),
        async (finalWords, steps) => {
          const run = await startRecovering({ hasFallback: false, finalWords, engine })
          for (const step of steps) {
            if (typeof step !== 'string') run.speak(step.speak)
            else if (step === 'settle') await settle()
            else if (step === 'mute' || step === 'unmute') run.mute(step === 'mute')
            else if (step === 'cut') {
              run.live()?.cut(lost)
              await reconnect(run)
            } else run.live()?.stall(step === 'stall-up' ? 'up' : 'down')
          }
          run.flow()
          expect(await run.finish()).toEqual({ kind: 'completed' })
          expect(run.heardWords()).toEqual(run.spoken)
          expect(run.usageMs()).toBe(run.spoken.length * 20)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('speech that waits for minutes', () => {
  it('is fed in order and at a pace, never minutes at once, and every word gets its caption', async () => {
    const { store, counts } = memoryStore(10 * 60_000)
    const remote = { resumes: true, isRemote: true }
    const run = await startRecovering({ hasFallback: false, engine: remote, replayStore: store })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak((5 * 60_000) / 20)
    expect(counts.appends).toBeGreaterThan(100)
    run.session.retryChosen()
    await settle()
    const fed = () => (run.live()?.writtenBytes ?? 0) / 32
    expect(fed()).toBeLessThanOrEqual(10_000)
    run.speak(50)
    run.clock.advance(10_000)
    expect(fed()).toBeGreaterThan(25_000)
    expect(fed()).toBeLessThanOrEqual(30_000)
    run.clock.advance(160_000)
    run.speak(10)
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
    expect(run.notices).toEqual([])
    expect(store.keptBytes).toBe(0)
  })

  it('waits where it is kept while the engine takes none of it', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak(2000)
    run.chosen.opensStalled = 'up'
    run.session.retryChosen()
    await settle()
    run.clock.advance(5000)
    expect(run.live()?.writtenBytes).toBe(5000 * 32)
    run.flow()
    await run.finish()
    expect(run.heardWords()).toEqual(run.spoken)
  })

  it('that is gone before a slow engine took it is stated, and everything after it has its caption', async () => {
    const run = await startRecovering({ hasFallback: false })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak(2000)
    run.chosen.opensStalled = 'up'
    run.session.retryChosen()
    await settle()
    run.speak(4000)
    run.chosen.opensStalled = undefined
    run.flow()
    await settle()
    run.clock.advance(100)
    await settle()
    run.clock.advance(1000)
    await settle()
    await run.finish()
    expect(run.notices).toEqual(['56 seconds of speech have no captions.'])
    const words = run.heardWords()
    expect(words.slice(-3000)).toEqual(run.spoken.slice(-3000))
    expect(words.slice(0, -3000)).toEqual(run.spoken.slice(0, words.length - 3000))
  })
})
