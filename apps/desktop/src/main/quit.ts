import type { App } from 'electron'

/** Longer than the session is given for its last words. */
const DRAIN_TIMEOUT_MS = 20_000

export interface QuitDeps {
  readonly app: Pick<App, 'on' | 'quit' | 'exit'>
  /** Called first, so that the user sees at once that they were heard. */
  readonly onQuit: () => void
  /** Ends the session with its last words, then everything else. */
  readonly drain: () => Promise<void>
}

/**
 * Lets the last words reach their files before the app ends, for at most 20 seconds. Who asks a
 * second time does not want to wait.
 * @returns whether the app is on its way out
 */
export function quitGently({ app, onQuit, drain }: QuitDeps): () => boolean {
  let stage: 'running' | 'draining' | 'drained' = 'running'
  app.on('before-quit', (event) => {
    if (stage === 'drained') return
    event.preventDefault()
    if (stage === 'draining') return app.exit(0)
    stage = 'draining'
    onQuit()
    const leave = () => {
      if (stage === 'drained') return
      stage = 'drained'
      app.quit()
    }
    setTimeout(leave, DRAIN_TIMEOUT_MS)
    drain().then(leave, leave)
  })
  return () => stage !== 'running'
}
