import type { SessionView } from '../api/desktop-state.ts'
import { controlPath } from './control-messages.ts'
import type { ControlActions, ControlServer } from './control-server.ts'
import { startControlServer } from './control-server.ts'
import { controlStatus } from './control-status.ts'

export interface OpenControlDeps {
  readonly dataDir: string
  readonly actions: Omit<ControlActions, 'status'>
  session(): SessionView
  language(): string
  log(level: 'warning', sentence: string): void
}

/** Lets `saywire ctl` reach this app. The app runs without it where that is impossible. */
export async function openControl(deps: OpenControlDeps): Promise<ControlServer | undefined> {
  const actions = { ...deps.actions, status: () => controlStatus(deps.session(), deps.language()) }
  try {
    const server = await startControlServer(controlPath(deps.dataDir), actions)
    if (!server) deps.log('warning', 'Another Saywire runs: saywire ctl controls that one.')
    return server
  } catch (error) {
    deps.log('warning', `saywire ctl cannot reach this app: ${String(error)}`)
    return undefined
  }
}
