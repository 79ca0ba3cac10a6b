import { setImmediate as tick } from 'node:timers/promises'
import { SpeechError } from '@saywire/speech'
import { settle } from '../../core/testing/recovering-session.ts'
import type { RecoveringRun } from '../../core/testing/recovering-session.ts'

export type Story = (run: RecoveringRun) => Promise<void>

const capReached = new SpeechError('spend_cap_reached', 'Your limit is reached.')
const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })

/** Engines' words are handed over one a turn: until the last of some dozen is there. */
async function heard(): Promise<void> {
  for (let i = 0; i < 10; i++) await settle()
}

/**
 * What can happen to a session, told to one with scripted engines: each is recorded by a test, and
 * is a recording of its own in `recordings/`.
 */
export const STORIES = {
  async plain(run) {
    run.speak(43)
  },

  async 'reconnect-with-replay'(run) {
    run.speak(12)
    await heard()
    run.live()?.cut(lost)
    await heard()
    run.speak(13)
    run.clock.advance(250)
    await heard()
    run.speak(9)
  },

  async 'fall-back-and-return'(run) {
    run.speak(13)
    await heard()
    run.chosen.openErrors.push(lost, lost, lost)
    run.live()?.cut(lost)
    for (let i = 0; i < 6; i++) {
      await heard()
      run.speak(3)
      run.clock.advance(1000)
    }
    await heard()
    run.speak(14)
    await heard()
    for (let i = 0; i < 12; i++) {
      run.clock.advance(10_000)
      await heard()
      run.speak(2)
      // The engine that was chosen comes back between two utterances.
      run.gap(900)
      await heard()
    }
    run.speak(11)
  },

  async 'spend-cap'(run) {
    run.speak(13)
    await heard()
    run.chosen.openErrors.push(capReached, capReached)
    run.live()?.cut(capReached)
    run.speak(4)
    await heard()
    run.clock.advance(3000)
    await heard()
    run.speak(9)
  },

  async mute(run) {
    run.speak(13)
    await heard()
    run.mute(true)
    run.speak(20)
    await heard()
    run.mute(false)
    run.speak(8)
  },

  async 'device-change'(run) {
    run.manual.listener?.onDevice?.('One microphone')
    run.speak(13)
    await heard()
    run.manual.listener?.onDevice?.(undefined)
    await heard()
    run.manual.listener?.onGap(1400, 'switched')
    run.manual.listener?.onDevice?.('Another microphone')
    run.speak(8)
  },

  async gap(run) {
    run.speak(13)
    run.gap(60)
    run.speak(5)
    run.gap(3000)
    run.speak(8)
  },

  async 'engine-switch'(run) {
    run.speak(13)
    await heard()
    run.switchEngine()
    run.speak(4)
    await heard()
    run.speak(9)
  },
} as const satisfies Record<string, Story>

export type StoryName = keyof typeof STORIES
export const STORY_NAMES = Object.keys(STORIES) as StoryName[]

/** Whatever can happen, in any order: one step for each number. */
export function storyOf(steps: readonly number[]): Story {
  return async (run) => {
    for (const step of steps) {
      await STEPS[step % STEPS.length]?.(run)
      // As in life: what comes from outside comes between two turns of the event loop.
      await tick()
      if (step % 3 === 0) await settle()
    }
  }
}

const STEPS: readonly ((run: RecoveringRun) => void | Promise<void>)[] = [
  (run) => run.speak(3),
  (run) => run.speak(11),
  (run) => run.clock.advance(300),
  (run) => run.clock.advance(61_000),
  (run) => run.gap(50),
  (run) => run.gap(900),
  (run) => run.mute(true),
  (run) => run.mute(false),
  (run) => run.live()?.cut(lost),
  (run) => run.live()?.cut(),
  (run) => void run.chosen.openErrors.push(lost),
  (run) => void run.fallback.openErrors.push(lost),
  (run) => run.switchEngine(),
  (run) => run.session.retryChosen(),
  (run) => run.session.setFallback(false),
  (run) => run.session.setFallback(true),
  (run) => run.session.reconfigure({ language: 'de' }),
  (run) => run.manual.listener?.onDevice?.(undefined),
  (run) => run.silence(31_000),
  settle,
]
