import { describe, expect, it } from 'vitest'
import type { EventName } from './testing/run-events.ts'
import { EVENT_NAMES, runEvents } from './testing/run-events.ts'

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
  out_of_credit: ['start', 'opened', 'broke', 'broke'],
  'draining(stopped open)': ['start', 'opened', 'stop'],
  'draining(completed open)': ['start', 'opened', 'source-ended'],
  'draining(stopped opening)': ['start', 'opened', 'lost', 'stop'],
  'ended(stopped)': ['start', 'stop'],
} as const satisfies Record<string, readonly EventName[]>

/**
 * States × events of a session with a fall-back: what each event leads to and commands. What is
 * not listed changes nothing.
 */
const TABLE: Record<keyof typeof STATES, Partial<Record<EventName, readonly string[]>>> = {
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
    lost: ['reconnecting(fallback 2)', 'wait 500'],
    broke: ['ended(failed)'],
    refused: ['ended(failed)'],
    'engine-ended': ['reconnecting(fallback 2)', 'wait 500'],
    'engine-chosen': ['listening(fallback)+standby', 'open-standby'],
    'retry-chosen': ['listening(fallback)+standby', 'open-standby'],
    'time-up': ['listening(fallback)'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'listening(fallback)+standby': {
    lost: ['reconnecting(fallback 2)', 'wait 500'],
    'engine-ended': ['reconnecting(fallback 2)', 'wait 500'],
    'engine-chosen': ['listening(fallback)+standby', 'open-standby'],
    'standby-opened': ['listening', 'swap'],
    'standby-lost': ['listening(fallback)', 'wait 60000'],
    'standby-busy': ['listening(fallback)', 'wait 10000'],
    'source-ended': ['draining(completed open)', 'close-engine'],
    unplugged: ['draining(failed open)', 'close-engine'],
    stop: ['draining(stopped open)', 'stop-source'],
  },
  'reconnecting(chosen 1)': {
    opened: ['listening', 'wait 10000'],
    lost: ['reconnecting(chosen 2)', 'wait 500'],
    broke: ['reconnecting(fallback 1)', 'open fallback'],
    refused: ['reconnecting(fallback 1)', 'open fallback'],
    'engine-ended': ['reconnecting(chosen 2)', 'wait 500'],
    'time-up': ['reconnecting(chosen 1)', 'open chosen'],
    'engine-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['draining(completed opening)', 'open chosen'],
    unplugged: ['draining(failed opening)', 'open chosen'],
    stop: ['draining(stopped opening)', 'open chosen', 'stop-source'],
  },
  'reconnecting(fallback 1)': {
    opened: ['listening(fallback)', 'wait 10000'],
    lost: ['reconnecting(fallback 2)', 'wait 500'],
    'engine-ended': ['reconnecting(fallback 2)', 'wait 500'],
    'time-up': ['reconnecting(fallback 1)', 'open fallback'],
    'retry-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'engine-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['draining(completed opening)', 'open fallback'],
    unplugged: ['draining(failed opening)', 'open fallback'],
    stop: ['draining(stopped opening)', 'open fallback', 'stop-source'],
  },
  out_of_credit: {
    'retry-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'engine-chosen': ['reconnecting(chosen 1)', 'open chosen'],
    'source-ended': ['ended(failed)', 'finish'],
    unplugged: ['ended(failed)', 'finish'],
    stop: ['ended(stopped)', 'finish'],
  },
  'draining(stopped open)': {
    lost: ['draining(stopped opening)', 'open chosen'],
    broke: ['draining(stopped opening)', 'open fallback'],
    refused: ['draining(stopped opening)', 'open fallback'],
    'engine-ended': ['draining(stopped opening)', 'open chosen'],
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
    'engine-ended': ['draining(stopped opening)', 'open chosen'],
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
  EVENT_NAMES.map((event) => ({ state, event })),
)

describe('the session reducer', () => {
  it.each(CELLS)('answers $event while $state', ({ state, event }) => {
    const before = runEvents('backed', STATES[state])
    expect(before.name).toBe(state)
    const after = runEvents('backed', [...STATES[state], event])
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
      const isTold = TABLE[state][event] || ['source-ended', 'unplugged', 'time-up'].includes(event)
      if (!isTold) expect(after.state).toEqual(before.state)
    }
  })
})
