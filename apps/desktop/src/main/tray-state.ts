import type { DesktopState, IndicatorKind } from '../api/desktop-state.ts'

/** `trouble`: look at the window. */
export type TrayState = 'idle' | 'listening' | 'muted' | 'trouble'

const TRAY_STATES = {
  idle: 'idle',
  starting: 'idle',
  listening: 'listening',
  muted: 'muted',
  reconnecting: 'trouble',
  fallback: 'trouble',
  no_microphone: 'trouble',
  out_of_credit: 'trouble',
  cap_reached: 'trouble',
  access_refused: 'trouble',
  stopping: 'idle',
  failed: 'trouble',
} as const satisfies Record<IndicatorKind, TrayState>

const WORDS = {
  idle: 'ready',
  starting: 'starting',
  listening: 'listening',
  muted: 'muted',
  reconnecting: 'reconnecting',
  fallback: 'fell back to local',
  no_microphone: 'no microphone',
  out_of_credit: 'out of credit',
  cap_reached: 'limit reached',
  access_refused: 'not let in',
  stopping: 'stopping',
  failed: 'failed',
} as const satisfies Record<IndicatorKind, string>

export interface TrayView {
  readonly state: TrayState
  readonly toolTip: string
  readonly isRunning: boolean
  readonly isMuted: boolean
  readonly canStart: boolean
}

export function trayView({ session }: DesktopState): TrayView {
  const { indicator, isRunning, isMuted, startBlockers } = session
  return {
    state: TRAY_STATES[indicator],
    toolTip: `Saywire: ${WORDS[indicator]}`,
    isRunning,
    isMuted,
    canStart: !isRunning && startBlockers.length === 0,
  }
}
