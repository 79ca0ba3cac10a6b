import { SpeechError } from '@saywire/speech'
import { CaptureError } from '../ports.ts'
import type { Delay } from '../recovery.ts'
import type {
  SessionCommand,
  SessionEvent,
  SessionPolicy,
  SessionState,
  Standby,
} from '../session.ts'
import { idleSession } from '../session.ts'
import { stepSession } from '../step-session.ts'

export const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')
const refused = new SpeechError('unauthenticated', 'Log in.')
const capped = new SpeechError('spend_cap_reached', 'Raise it.')
const draining = new SpeechError('server_draining', 'It moves.', { retryable: true })
const unplugged = new CaptureError('no_microphone', 'Unplugged.')

export const EVENTS = {
  start: { type: 'start' },
  opened: { type: 'engine-opened' },
  lost: { type: 'engine-failed', error: lost },
  broke: { type: 'engine-failed', error: broke },
  refused: { type: 'engine-failed', error: refused },
  capped: { type: 'engine-failed', error: capped },
  draining: { type: 'engine-failed', error: draining },
  'engine-ended': { type: 'engine-ended' },
  'standby-opened': { type: 'standby-opened' },
  'standby-lost': { type: 'standby-failed', error: lost },
  'standby-busy': { type: 'standby-failed', error: new SpeechError('busy', 'Full.') },
  'backend-lost': { type: 'engine-reconnecting' },
  'backend-back': { type: 'engine-recovered' },
  speaks: { type: 'utterance-began' },
  pauses: { type: 'utterance-ended' },
  'retry-due': { type: 'time-up', what: 'retry' },
  'patience-over': { type: 'time-up', what: 'patience' },
  'chosen-due': { type: 'time-up', what: 'chosen' },
  healthy: { type: 'time-up', what: 'healthy' },
  'swap-due': { type: 'time-up', what: 'swap' },
  proved: { type: 'time-up', what: 'proved' },
  'fallback-gone': { type: 'fallback-changed', isUsable: false },
  'fallback-there': { type: 'fallback-changed', isUsable: true },
  'retry-chosen': { type: 'retry-chosen' },
  'engine-chosen': { type: 'engine-chosen' },
  reconfigured: { type: 'reconfigured' },
  'source-ended': { type: 'source-ended' },
  unplugged: { type: 'source-failed', error: unplugged },
  'no-device': { type: 'device-changed', isPresent: false },
  mute: { type: 'mute', muted: true },
  unmute: { type: 'mute', muted: false },
  stop: { type: 'stop' },
} as const satisfies Record<string, SessionEvent>
export type EventName = keyof typeof EVENTS
export const EVENT_NAMES = Object.keys(EVENTS) as EventName[]

export const POLICIES = {
  plain: { recovers: false, hasFallback: false, isMuted: false },
  alone: { recovers: true, hasFallback: false, isMuted: false },
  backed: { recovers: true, hasFallback: true, isMuted: false },
} as const satisfies Record<string, SessionPolicy>

/** Runs events and tells where they lead: the state, its name, and what the last one commanded. */
export function runEvents(policy: keyof typeof POLICIES, names: readonly EventName[]) {
  let state: SessionState = idleSession(POLICIES[policy])
  let commands: readonly SessionCommand[] = []
  for (const name of names) ({ state, commands } = stepSession(state, EVENTS[name]))
  return { state, name: nameOf(state), commands: commands.map(brief) }
}

export function brief(command: SessionCommand): string {
  if (command.do === 'open') return `open ${command.role}`
  if (command.do === 'wait') return `${command.what} in ${inWords(command)}`
  if (command.do === 'mute') return `mute ${command.muted}`
  return command.do
}

function inWords({ minMs, maxMs }: Delay): string {
  return minMs === maxMs ? `${minMs}` : `${minMs}-${maxMs}`
}

function nameOf(state: SessionState): string {
  switch (state.phase) {
    case 'listening':
      return `listening(${state.speaker})${standbyOf(state)}`
    case 'reconnecting':
      return `reconnecting(${state.attempt})`
    case 'falling_back':
      return `falling_back(${state.attempt})${standbyOf(state)}`
    case 'draining':
      return `draining(${state.outcome.kind} ${state.engine})`
    case 'ended':
      return `ended(${state.outcome.kind})`
    default:
      return state.phase
  }
}

const standbyOf = ({ standby }: { readonly standby: Standby }) =>
  standby === 'none' ? '' : `+${standby}`
