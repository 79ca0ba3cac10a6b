import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureError } from './ports.ts'
import type { SessionCommand, SessionEvent, SessionPolicy, SessionState } from './session.ts'
import { idleSession } from './session.ts'
import { stepSession } from './step-session.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')
const refused = new SpeechError('unauthenticated', 'Log in.')
const unplugged = new CaptureError('no_microphone', 'Unplugged.')

const EVENTS = {
  start: { type: 'start' },
  opened: { type: 'engine-opened' },
  lost: { type: 'engine-failed', error: lost },
  broke: { type: 'engine-failed', error: broke },
  refused: { type: 'engine-failed', error: refused },
  'engine-ended': { type: 'engine-ended' },
  'standby-opened': { type: 'standby-opened' },
  'standby-lost': { type: 'standby-failed', error: lost },
  'standby-busy': { type: 'standby-failed', error: new SpeechError('busy', 'Full.') },
  'time-up': { type: 'time-up' },
  'retry-chosen': { type: 'retry-chosen' },
  'engine-chosen': { type: 'engine-chosen' },
  'source-ended': { type: 'source-ended' },
  unplugged: { type: 'source-failed', error: unplugged },
  'no-device': { type: 'device-changed', isPresent: false },
  mute: { type: 'mute', muted: true },
  unmute: { type: 'mute', muted: false },
  stop: { type: 'stop' },
} as const satisfies Record<string, SessionEvent>
type Name = keyof typeof EVENTS
const NAMES = Object.keys(EVENTS) as Name[]

const POLICIES = {
  plain: { recovers: false, hasFallback: false, isMuted: false },
  alone: { recovers: true, hasFallback: false, isMuted: false },
  backed: { recovers: true, hasFallback: true, isMuted: false },
} as const satisfies Record<string, SessionPolicy>

/** Runs events and tells where they lead: the state, its name, and what the last one commanded. */
function run(policy: keyof typeof POLICIES, names: readonly Name[]) {
  let state: SessionState = idleSession(POLICIES[policy])
  let commands: readonly SessionCommand[] = []
  for (const name of names) ({ state, commands } = stepSession(state, EVENTS[name]))
  return { state, name: nameOf(state), commands: commands.map(brief) }
}

function brief(command: SessionCommand): string {
  if (command.do === 'open') return `open ${command.role}`
  if (command.do === 'wait') return `wait ${command.delayMs}`
  if (command.do === 'mute') return `mute ${command.muted}`
  return command.do
}

function nameOf(state: SessionState): string {
  switch (state.phase) {
    case 'listening':
      return `listening${state.failure ? '(fallback)' : ''}${state.standby ? '+standby' : ''}`
    case 'reconnecting':
      return `reconnecting(${state.role} ${state.attempt})`
    case 'draining':
      return `draining(${state.outcome.kind} ${state.engine})`
    case 'ended':
      return `ended(${state.outcome.kind})`
    default:
      return state.phase
  }
}

/** One way into each state. */
const STATES = {
  idle: [],
  starting: ['start'],
  listening: ['start', 'opened'],
  'listening+standby': ['start', 'opened', 'engine-chosen'],
  'listening(fallback)': ['start', 'opened', 'broke', 'opened'],
  'listening(fallback)+standby': ['start', 'opened', 'broke', 'opened', 'retry-chosen'],
  'reconnecting(chosen 1)': ['start', 'opened', 'lost'],
  'reconnecting(fallback 1)': ['start', 'opened', 'broke'],
  'draining(stopped open)': ['start', 'opened', 'stop'],
  'draining(completed open)': ['start', 'opened', 'source-ended'],
  'draining(stopped opening)': ['start', 'opened', 'lost', 'stop'],
  'ended(stopped)': ['start', 'stop'],
} as const satisfies Record<string, readonly Name[]>

/**
 * States × events of a session with a fall-back: what each event leads to and commands. What is
 * not listed changes nothing.
 */
const TABLE: Record<keyof typeof STATES, Partial<Record<Name, readonly string[]>>> = {
  idle: {
    start: ['starting', 'open chosen'],
    stop: ['ended(stopped)', 'finish'],
  },
  starting: {
    opened: ['listening', 'start-source'],
    lost: ['reconnecting(chosen 1)', 'wait 250', 'start-source'],
    broke: ['reconnecting(fallback 1)', 'open fallback', 'start-source'],
    refused: ['reconnecting(fallback 1)', 'open fallback', 'start-source'],
    'engine-ended': ['reconnecting(chosen 1)', 'wait 250', 'start-source'],
    'engine-chosen': ['starting', 'open chosen'],
    stop: ['ended(stopped)', 'finish'],
  },
  listening: {
    lost: ['reconnecting(chosen 1)', 'wait 250'],
    broke: ['reconnecting(fallback 1)', 'open fallback'],
    refused: ['reconnecting(fallback 1)', 'open fallback'],
    'engine-ended': ['reconnecting(chosen 1)', 'wait 250'],
    'engine-chosen': ['listening+standby', 'open-standby'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'listening+standby': {
    lost: ['reconnecting(chosen 1)', 'wait 250'],
    broke: ['reconnecting(fallback 1)', 'open fallback'],
    refused: ['reconnecting(fallback 1)', 'open fallback'],
    'engine-ended': ['reconnecting(chosen 1)', 'wait 250'],
    'engine-chosen': ['listening+standby', 'open-standby'],
    'standby-opened': ['listening', 'swap'],
    'standby-lost': ['listening(fallback)', 'wait 60000'],
    'standby-busy': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'listening(fallback)': {
    lost: ['reconnecting(fallback 1)', 'wait 250'],
    broke: ['ended(failed)'],
    refused: ['ended(failed)'],
    'engine-ended': ['reconnecting(fallback 1)', 'wait 250'],
    'engine-chosen': ['listening(fallback)+standby', 'open-standby'],
    'retry-chosen': ['listening(fallback)+standby', 'open-standby'],
    'time-up': ['listening(fallback)+standby', 'open-standby'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'listening(fallback)+standby': {
    lost: ['reconnecting(fallback 1)', 'wait 250'],
    'engine-ended': ['reconnecting(fallback 1)', 'wait 250'],
    'engine-chosen': ['listening(fallback)+standby', 'open-standby'],
    'standby-opened': ['listening', 'swap'],
    'standby-lost': ['listening(fallback)', 'wait 60000'],
    'standby-busy': ['listening(fallback)'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'reconnecting(chosen 1)': {
    opened: ['listening'],
    lost: ['reconnecting(chosen 2)', 'wait 500'],
    broke: ['reconnecting(fallback 1)', 'open fallback'],
    refused: ['reconnecting(fallback 1)', 'open fallback'],
    'engine-ended': ['reconnecting(chosen 2)', 'wait 500'],
    'time-up': ['reconnecting(chosen 1)', 'open chosen'],
    'retry-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'engine-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['draining(completed opening)', 'open chosen'],
    unplugged: ['draining(failed opening)', 'open chosen'],
    stop: ['draining(stopped opening)', 'open chosen', 'stop-source'],
  },
  'reconnecting(fallback 1)': {
    opened: ['listening(fallback)'],
    lost: ['reconnecting(fallback 2)', 'wait 500'],
    'engine-ended': ['reconnecting(fallback 2)', 'wait 500'],
    'time-up': ['reconnecting(fallback 1)', 'open fallback'],
    'retry-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'engine-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['draining(completed opening)', 'open fallback'],
    unplugged: ['draining(failed opening)', 'open fallback'],
    stop: ['draining(stopped opening)', 'open fallback', 'stop-source'],
  },
  'draining(stopped open)': {
    lost: ['draining(stopped opening)', 'open chosen'],
    broke: ['draining(stopped opening)', 'open fallback'],
    refused: ['draining(stopped opening)', 'open fallback'],
    'engine-ended': ['ended(stopped)', 'finish'],
    'source-ended': ['draining(stopped open)', 'close-engine'],
    unplugged: ['draining(stopped open)', 'close-engine'],
    stop: ['ended(stopped)', 'finish'],
  },
  'draining(completed open)': {
    lost: ['draining(completed opening)', 'open chosen'],
    broke: ['draining(completed opening)', 'open fallback'],
    refused: ['draining(completed opening)', 'open fallback'],
    'engine-ended': ['ended(completed)', 'finish'],
    stop: ['draining(stopped open)'],
  },
  'draining(stopped opening)': {
    opened: ['draining(stopped open)'],
    lost: ['draining(stopped opening)', 'open chosen'],
    broke: ['draining(stopped opening)', 'open fallback'],
    refused: ['draining(stopped opening)', 'open fallback'],
    'engine-ended': ['ended(stopped)', 'finish'],
    stop: ['ended(stopped)', 'finish'],
  },
  'ended(stopped)': {},
}
// Without the fall-back only the user can help where the chosen engine ran out of credit.
for (const name of ['broke', 'refused'] as const) {
  TABLE['listening(fallback)'][name] = ['out_of_credit']
  TABLE['listening(fallback)+standby'][name] = ['out_of_credit']
  TABLE['reconnecting(fallback 1)'][name] = ['out_of_credit']
}

const CELLS = (Object.keys(STATES) as (keyof typeof STATES)[]).flatMap((state) =>
  NAMES.map((event) => ({ state, event })),
)

describe('the session reducer', () => {
  it.each(CELLS)('answers $event while $state', ({ state, event }) => {
    const before = run('backed', STATES[state])
    expect(before.name).toBe(state)
    const after = run('backed', [...STATES[state], event])
    const isAlive = before.state.phase !== 'ended'
    if (event === 'mute') {
      expect(after.commands).toEqual(isAlive ? ['mute true'] : [])
      expect(after.state).toEqual(isAlive ? { ...before.state, isMuted: true } : before.state)
    } else if (event === 'no-device') {
      expect(after.commands).toEqual([])
      expect(after.state).toEqual(isAlive ? { ...before.state, hasDevice: false } : before.state)
    } else {
      const expected = TABLE[state][event] ?? [state]
      expect([after.name, ...after.commands]).toEqual(expected)
      if (!TABLE[state][event] && !event.startsWith('source') && event !== 'unplugged') {
        expect(after.state).toEqual(before.state)
      }
    }
  })

  it('waits out of credit, keeps listening, and goes on when the user has paid', () => {
    const waiting = run('alone', ['start', 'opened', 'broke'])
    expect(waiting.name).toBe('out_of_credit')
    const paid = run('alone', ['start', 'opened', 'broke', 'retry-chosen'])
    expect([paid.name, ...paid.commands]).toEqual(['reconnecting(chosen 1)', 'open chosen'])
    expect(run('alone', ['start', 'opened', 'broke', 'stop']).name).toBe('ended(stopped)')
    expect(run('alone', ['start', 'opened', 'broke', 'source-ended']).name).toBe('ended(failed)')
  })

  it('ends at once with what the engine failed with where it does not recover', () => {
    const { state, commands } = run('plain', ['start', 'opened', 'lost'])
    expect(state).toMatchObject({ phase: 'ended', outcome: { kind: 'failed', error: lost } })
    expect(commands).toEqual(['finish'])
    expect(run('plain', ['start', 'opened', 'stop', 'lost']).name).toBe('ended(failed)')
  })

  it('falls back after three failed tries, and gives up after five minutes alone', () => {
    const failing = (tries: number) => Array<Name>(tries).fill('lost')
    expect(run('backed', ['start', 'opened', ...failing(3)]).name).toBe('reconnecting(chosen 3)')
    expect(run('backed', ['start', 'opened', ...failing(4)]).commands).toEqual(['open fallback'])
    expect(run('alone', ['start', 'opened', ...failing(60)]).commands).toEqual(['wait 5000'])
    expect(run('alone', ['start', 'opened', ...failing(61)]).name).toBe('ended(failed)')
  })

  it('waits as long as the engine asked for', () => {
    const error = new SpeechError('busy', 'Later.', { retryable: true, retryAfterMs: 4000 })
    const { state } = run('backed', ['start', 'opened'])
    const { commands } = stepSession(state, { type: 'engine-failed', error })
    expect(commands.map(brief)).toEqual(['wait 4000'])
  })

  it('opens the engine once more for the last words, then the fall-back, and no more', () => {
    const words = ['start', 'opened', 'source-ended', 'lost'] as const
    expect(run('alone', words).name).toBe('draining(completed opening)')
    expect(run('alone', [...words, 'opened']).commands).toEqual(['close-engine'])
    expect(run('alone', [...words, 'opened', 'lost']).name).toBe('ended(failed)')
    expect(run('backed', [...words, 'opened', 'lost']).commands).toEqual(['open fallback'])
    expect(run('backed', [...words, 'lost', 'lost']).name).toBe('ended(failed)')
  })

  it('is total, finishes exactly once, and nothing leads back from the end', () => {
    const anyPolicy = fc.constantFrom(...Object.values(POLICIES))
    const anyEvents = fc.array(fc.constantFrom(...NAMES), { maxLength: 60 })
    fc.assert(
      fc.property(anyPolicy, anyEvents, (policy, names) => {
        let state: SessionState = idleSession(policy)
        let finishes = 0
        let starts = 0
        for (const name of names) {
          const wasEnded = state.phase === 'ended'
          const next = stepSession(state, EVENTS[name])
          finishes += next.commands.filter((command) => command.do === 'finish').length
          starts += next.commands.filter((command) => command.do === 'start-source').length
          if (wasEnded) expect(next).toEqual({ state, commands: [] })
          state = next.state
        }
        expect(finishes).toBe(state.phase === 'ended' ? 1 : 0)
        expect(starts).toBeLessThanOrEqual(1)
      }),
      { numRuns: 1000 },
    )
  })
})
