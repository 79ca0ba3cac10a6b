import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RecoveringRun } from './testing/recovering-session.ts'
import { settle, startRecovering } from './testing/recovering-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })

const anyAction = fc.oneof(
  { weight: 4, arbitrary: fc.record({ talkFrames: fc.integer({ min: 15, max: 100 }) }) },
  { weight: 4, arbitrary: fc.record({ silenceMs: fc.constantFrom(400, 1300, 3000, 20_000) }) },
  { weight: 1, arbitrary: fc.record({ gapMs: fc.constantFrom(20, 200, 3000) }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('lost', 'refuse-next', 'switch', 'settle', 'mute', 'unmute'),
  },
)

it('every word comes once, in order and at its time, where silence is left out and engines fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ resumes: fc.boolean(), isRemote: fc.boolean() }),
      fc.array(anyAction, { maxLength: 15 }),
      async (engine, actions) => {
        const run = await startRecovering({ engine, isGated: true })
        for (const action of actions) await act(run, action)
        run.chosen.openErrors.length = 0
        expect(await run.finish()).toEqual({ kind: 'completed' })
        expect(run.heardWords()).toEqual(run.spoken)
        expect(run.heardMuted()).toBe(false)
        expect(run.vanished()).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
}, 120_000)

async function act(
  run: RecoveringRun,
  action: typeof anyAction extends fc.Arbitrary<infer Action> ? Action : never,
): Promise<void> {
  if (typeof action !== 'string') {
    if ('talkFrames' in action) await run.talk(20 * action.talkFrames)
    else if ('silenceMs' in action) run.silence(action.silenceMs)
    else run.gap(action.gapMs)
    return
  }
  switch (action) {
    case 'lost':
      return run.live()?.cut(lost)
    case 'refuse-next':
      return void run.chosen.openErrors.push(lost)
    case 'mute':
    case 'unmute':
      return run.mute(action === 'mute')
    case 'switch':
      return run.switchEngine()
    case 'settle':
      return settle()
  }
}
