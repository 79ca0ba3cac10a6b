import { Wordmark } from '@saywire/brand/wordmark'
import { useEffect, useState } from 'react'
import { useClient, useSettings } from '../api/hooks.ts'
import { EngineStep } from './engine-step.tsx'
import { MicrophoneStep } from './microphone-step.tsx'
import { OverlayStep } from './overlay-step.tsx'
import { SetUpStep } from './set-up-step.tsx'
import { Stepper } from './stepper.tsx'

const SET_UP_NAMES = { local: 'Model', managed: 'Account', byok: 'Key' } as const

/** From a fresh install to captions in OBS: four steps, each of which can be skipped. */
export function FirstRunScreen() {
  const client = useClient()
  const { mode } = useSettings().transcription
  const [at, setAt] = useState(0)
  const steps = ['Microphone', 'Engine', SET_UP_NAMES[mode], 'Overlay']
  const isLast = at === steps.length - 1

  useEffect(() => {
    document.title = 'Welcome · Saywire'
  }, [])

  function next(): void {
    if (isLast) void client.app.finishFirstRun.mutate()
    else setAt(at + 1)
  }

  return (
    <div className="first-run">
      <header className="first-run-head">
        <Wordmark />
        <Stepper steps={steps} at={at} onGo={setAt} />
      </header>
      <main className="first-run-body">
        <div className="first-run-step">
          {at === 0 && <MicrophoneStep />}
          {at === 1 && <EngineStep />}
          {at === 2 && <SetUpStep />}
          {at === 3 && <OverlayStep />}
        </div>
      </main>
      <footer className="first-run-foot">
        <button
          type="button"
          className="button"
          aria-disabled={at === 0}
          onClick={() => setAt(Math.max(0, at - 1))}
        >
          Back
        </button>
        <button
          type="button"
          className="button bare"
          onClick={() => void client.app.finishFirstRun.mutate()}
        >
          Skip the set-up
        </button>
        <button type="button" className="button primary" onClick={next}>
          {isLast ? 'Done' : 'Continue'}
        </button>
      </footer>
    </div>
  )
}
