import type { StartBlocker } from '../api/desktop-state.ts'

export interface EngineSwitchDeps {
  isRunning(): boolean
  blockers(): readonly StartBlocker[]
  switchEngine(): Promise<void>
  onNotice(level: 'warning', sentence: string): void
}

export interface EngineSwitch {
  /** The settings name another engine. */
  request(): void
  /** What stood in its way may be gone. */
  check(): void
}

/**
 * Changes the engine of a running session as soon as the new one can work: a model that must be
 * fetched first, or a login that is missing, does not cost the captions there are.
 */
export function createEngineSwitch(deps: EngineSwitchDeps): EngineSwitch {
  let isDue = false

  function blocker(): StartBlocker | undefined {
    // Whatever is missing besides, another engine does not bring a microphone.
    return deps.blockers().find(({ code }) => code !== 'no_microphone')
  }

  function check(): void {
    if (!isDue || blocker()) return
    isDue = false
    if (deps.isRunning()) void deps.switchEngine()
  }

  return {
    request() {
      isDue = deps.isRunning()
      const missing = isDue ? blocker() : undefined
      if (missing) {
        deps.onNotice('warning', `Captions go on with the engine from before. ${missing.sentence}`)
      }
      check()
    },
    check,
  }
}
