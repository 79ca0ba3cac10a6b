import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecoveringRun } from './testing/recovering-session.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')

const anyAction = fc.oneof(
  { weight: 6, arbitrary: fc.record({ speak: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ gapMs: fc.constantFrom(20, 180, 200, 3000) }) },
  { weight: 1, arbitrary: fc.record({ mutedFrames: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ waitMs: fc.constantFrom(10, 250, 1000, 3000, 5000, 60_000, 300_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'lost',
      'broke',
      'end',
      'lose-standby',
      'backend-lost',
      'stall-up',
      'stall-down',
      'forget',
      'refuse-next',
      'retry',
      'switch',
      'reconfigure',
      'mute',
      'unmute',
      'no-fallback',
      'fallback',
      'settle',
    ),
  },
)

describe('every word', { timeout: 120_000 }, () => {
  it('comes once, in order and at its time, whatever happens to the engines, and all of them end', async () => {
    const anyFinals = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        anyFinals,
        fc.record({ resumes: fc.boolean(), isRemote: fc.boolean() }),
        fc.array(anyAction, { maxLength: 25 }),
        fc.constantFrom('completed', 'stopped'),
        async (finals, engine, actions, end) => {
          const run = await startRecovering({ finalWords: finals, engine })
          for (const action of actions) await act(run, action)
          run.flow()
          run.chosen.openErrors.length = 0
          run.fallback.openErrors.length = 0
          expect(await run.finish(end)).toEqual({ kind: end })
          expect(run.heardWords()).toEqual(run.spoken)
          expect(run.heardMuted()).toBe(false)
          expect(run.vanished()).toBe(0)
          expect(run.usageMs()).toBeLessThanOrEqual(run.acceptedMs())
          expect(run.clock.waitingMs).toEqual([])
          expect(run.live()).toBeUndefined()
        },
      ),
      { numRuns: 300 },
    )
  })
})

type Action = typeof anyAction extends fc.Arbitrary<infer A> ? A : never

async function act(run: RecoveringRun, action: Action): Promise<void> {
  if (typeof action !== 'string') {
    if ('speak' in action) run.speak(action.speak)
    else if ('gapMs' in action) run.gap(action.gapMs)
    else if ('waitMs' in action) run.clock.advance(action.waitMs)
    else {
      run.mute(true)
      run.speak(action.mutedFrames)
      run.mute(false)
    }
    return
  }
  switch (action) {
    case 'lost':
      return run.live()?.cut(lost)
    case 'broke':
      return run.live()?.cut(broke)
    case 'end':
      return run.live()?.cut()
    case 'lose-standby':
      return run.chosen.sessions.findLast(({ isOver }) => !isOver)?.cut(lost)
    case 'stall-up':
      return run.live()?.stall('up')
    case 'stall-down':
      return run.live()?.stall('down')
    case 'forget':
      return run.chosen.forget()
    case 'backend-lost':
      return run.live()?.say({ type: 'reconnecting' })
    case 'reconfigure':
      return run.session.reconfigure({ punctuate: true })
    case 'mute':
    case 'unmute':
      return run.mute(action === 'mute')
    case 'no-fallback':
      return run.session.setFallback(false)
    case 'fallback':
      return run.session.setFallback(true)
    case 'refuse-next':
      return void run.chosen.openErrors.push(lost)
    case 'retry':
      return run.session.retryChosen()
    case 'switch':
      return run.switchEngine()
    case 'settle':
      return settle()
  }
}
