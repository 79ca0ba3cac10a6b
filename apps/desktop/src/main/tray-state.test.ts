import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { IndicatorKind, SessionView } from '../api/desktop-state.ts'
import { initialState } from '../host/initial-state.ts'
import type { TrayState } from './tray-state.ts'
import { trayView } from './tray-state.ts'

function viewOf(session: Partial<SessionView>) {
  const state = initialState('keychain')
  return trayView({ ...state, session: { ...state.session, ...session } })
}

it.each<[IndicatorKind, TrayState, string]>([
  ['idle', 'idle', 'ready'],
  ['listening', 'listening', 'listening'],
  ['muted', 'muted', 'muted'],
  ['reconnecting', 'trouble', 'reconnecting'],
  ['fallback', 'trouble', 'fell back to local'],
  ['no_microphone', 'trouble', 'no microphone'],
  ['out_of_credit', 'trouble', 'out of credit'],
  ['cap_reached', 'trouble', 'limit reached'],
  ['access_refused', 'trouble', 'not let in'],
  ['failed', 'trouble', 'failed'],
])('shows %s by the %s icon, and says it', (indicator, icon, word) => {
  expect(viewOf({ indicator, isRunning: true })).toMatchObject({
    state: icon,
    toolTip: `Saywire: ${word}`,
  })
})

it('has a picture for each state, on every system', () => {
  for (const state of ['idle', 'listening', 'muted', 'trouble'] satisfies TrayState[]) {
    for (const suffix of ['', '@2x', '-Template', '-Template@2x']) {
      const file = `../../assets/icons/tray-${state}${suffix}.png`
      expect([file, existsSync(fileURLToPath(new URL(file, import.meta.url)))]).toEqual([
        file,
        true,
      ])
    }
  }
})

it('offers Start only where nothing is missing, and Mute only while captions run', () => {
  expect(viewOf({})).toMatchObject({ canStart: true, isRunning: false })
  const startBlockers = [{ code: 'key_missing', sentence: 'Enter a key.' }] as const
  expect(viewOf({ startBlockers })).toMatchObject({ canStart: false })
  expect(viewOf({ isRunning: true })).toMatchObject({ canStart: false, isRunning: true })
})
