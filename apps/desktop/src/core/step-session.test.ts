import { describe, expect, it } from 'vitest'
import type { EventName } from './testing/run-events.ts'
import { EVENT_NAMES, runEvents } from './testing/run-events.ts'

/** The chosen engine is out of reach, and the fall-back listens. */
const AWAY = ['start', 'opened', 'lost', 'patience-over', 'opened'] as const

/** One way into each state. */
const STATES = {
  idle: [],
  starting: ['start'],
  'listening(chosen)': ['start', 'opened'],
  'listening(chosen)+wished': ['start', 'opened', 'engine-chosen'],
  'listening(chosen)+changed': ['start', 'opened', 'reconfigured'],
  'listening(chosen)+due': ['start', 'opened', 'speaks', 'reconfigured', 'standby-opened'],
  'listening(former)': ['start', 'opened', 'engine-chosen', 'standby-lost'],
  'listening(fallback)': ['start', 'opened', 'broke', 'opened'],
  'listening(fallback)+wished': ['start', 'opened', 'broke', 'opened', 'retry-chosen'],
  'listening(fallback)+tried': [...AWAY, 'chosen-due'],
  'listening(fallback)+proving': [...AWAY, 'chosen-due', 'standby-opened'],
  'listening(fallback)+due': [...AWAY, 'chosen-due', 'standby-opened', 'speaks', 'healthy'],
  'reconnecting(1)': ['start', 'opened', 'lost'],
  'falling_back(1)': ['start', 'opened', 'lost', 'patience-over'],
  'falling_back(1)+tried': ['start', 'opened', 'lost', 'patience-over', 'chosen-due'],
  awaiting_user: ['start', 'opened', 'broke', 'broke'],
  'draining(stopped open)': ['start', 'opened', 'stop'],
  'draining(completed open)': ['start', 'opened', 'source-ended'],
  'draining(stopped opening)': ['start', 'opened', 'lost', 'stop'],
  'ended(stopped)': ['start', 'stop'],
} as const satisfies Record<string, readonly EventName[]>

const RECONNECT = ['reconnecting(1)', 'retry in 0-250', 'patience in 2000'] as const
const FALL_BACK = ['falling_back(1)', 'open fallback'] as const
const STOP = {
  'source-ended': ['draining(completed open)', 'close-engine'],
  unplugged: ['draining(failed open)', 'close-engine'],
  stop: ['draining(stopped open)', 'stop-source'],
} as const
const TAKE_OVER = ['listening(chosen)', 'swap', 'proved in 10000'] as const
const WISHED_BACK = ['listening(fallback)+wished', 'open-standby'] as const
const CHANGED = ['listening(chosen)+changed', 'open-standby'] as const
const FALLBACK_LOST = ['falling_back(2)', 'retry in 0-500', 'chosen in 0-5000'] as const
const NEXT_TRY = ['listening(fallback)', 'proved in 10000', 'chosen in 15000-18000'] as const
const LAST_WORDS_LOST = {
  lost: ['draining(stopped opening)', 'open chosen'],
  broke: ['draining(stopped opening)', 'open fallback'],
  refused: ['draining(stopped opening)', 'open fallback'],
  'engine-ended': ['draining(stopped opening)', 'open chosen'],
} as const

/**
 * States × events of a session with a fall-back: what each event leads to and commands. What is
 * not listed changes nothing but facts.
 */
const TABLE: Record<keyof typeof STATES, Partial<Record<EventName, readonly string[]>>> = {
  idle: {
    start: ['starting', 'open chosen'],
    stop: ['ended(stopped)', 'finish'],
  },
  starting: {
    opened: ['listening(chosen)', 'start-source'],
    lost: [...RECONNECT, 'start-source'],
    broke: [...FALL_BACK, 'start-source'],
    refused: [...FALL_BACK, 'start-source'],
    'engine-ended': [...RECONNECT, 'start-source'],
    'engine-chosen': ['starting', 'open chosen'],
    reconfigured: ['starting', 'open chosen'],
    stop: ['ended(stopped)', 'finish'],
  },
  'listening(chosen)': {
    lost: RECONNECT,
    broke: FALL_BACK,
    refused: FALL_BACK,
    'engine-ended': RECONNECT,
    'backend-lost': ['listening(chosen)', 'patience in 8000'],
    'engine-chosen': ['listening(chosen)+wished', 'open-standby'],
    reconfigured: CHANGED,
    ...STOP,
  },
  'listening(chosen)+wished': {
    lost: RECONNECT,
    broke: FALL_BACK,
    refused: FALL_BACK,
    'engine-ended': RECONNECT,
    'backend-lost': ['listening(chosen)+wished', 'patience in 8000'],
    'engine-chosen': ['listening(chosen)+wished', 'open-standby'],
    reconfigured: CHANGED,
    'standby-opened': TAKE_OVER,
    'standby-lost': ['listening(former)', 'chosen in 5000-6000'],
    'standby-busy': ['reconnecting(1)', 'open chosen', 'patience in 2000'],
    ...STOP,
  },
  'listening(chosen)+changed': {
    lost: RECONNECT,
    broke: FALL_BACK,
    refused: FALL_BACK,
    'engine-ended': RECONNECT,
    'backend-lost': ['listening(chosen)+changed', 'patience in 8000'],
    'engine-chosen': ['listening(chosen)+wished', 'open-standby'],
    reconfigured: CHANGED,
    'standby-opened': TAKE_OVER,
    'standby-lost': ['listening(former)', 'chosen in 5000-6000'],
    'standby-busy': ['reconnecting(1)', 'open chosen', 'patience in 2000'],
    ...STOP,
  },
  // What was said before the settings changed is still without its final.
  'listening(chosen)+due': {
    lost: TAKE_OVER,
    broke: TAKE_OVER,
    refused: TAKE_OVER,
    'engine-ended': TAKE_OVER,
    'backend-lost': ['listening(chosen)+due', 'patience in 8000'],
    'engine-chosen': ['listening(chosen)+wished', 'open-standby'],
    reconfigured: CHANGED,
    'standby-lost': ['listening(former)', 'chosen in 5000-6000'],
    'standby-busy': ['reconnecting(1)', 'open chosen', 'patience in 2000'],
    pauses: TAKE_OVER,
    'swap-due': TAKE_OVER,
    ...STOP,
  },
  'listening(former)': {
    lost: [...FALL_BACK, 'chosen in 0-5000'],
    broke: [...FALL_BACK, 'chosen in 0-5000'],
    refused: [...FALL_BACK, 'chosen in 0-5000'],
    'engine-ended': [...FALL_BACK, 'chosen in 0-5000'],
    'backend-lost': ['listening(former)', 'patience in 8000'],
    'engine-chosen': ['listening(former)+wished', 'open-standby'],
    reconfigured: ['listening(former)+wished', 'open-standby'],
    'chosen-due': ['listening(former)+tried', 'open-standby'],
    ...STOP,
  },
  'listening(fallback)': {
    lost: ['falling_back(2)', 'retry in 0-500'],
    broke: ['awaiting_user'],
    refused: ['awaiting_user'],
    'engine-ended': ['falling_back(2)', 'retry in 0-500'],
    'engine-chosen': WISHED_BACK,
    reconfigured: FALL_BACK,
    'retry-chosen': WISHED_BACK,
    'fallback-gone': ['awaiting_user'],
    ...STOP,
  },
  'listening(fallback)+wished': {
    lost: ['falling_back(2)', 'retry in 0-500'],
    broke: ['awaiting_user'],
    refused: ['awaiting_user'],
    'engine-ended': ['falling_back(2)', 'retry in 0-500'],
    'engine-chosen': WISHED_BACK,
    reconfigured: FALL_BACK,
    'standby-opened': TAKE_OVER,
    'standby-lost': ['listening(fallback)', 'proved in 10000', 'chosen in 5000-6000'],
    'standby-busy': ['listening(fallback)', 'proved in 10000'],
    'fallback-gone': ['awaiting_user'],
    ...STOP,
  },
  'listening(fallback)+tried': {
    lost: FALLBACK_LOST,
    broke: ['reconnecting(1)', 'retry in 0-250'],
    refused: ['reconnecting(1)', 'retry in 0-250'],
    'engine-ended': FALLBACK_LOST,
    'engine-chosen': WISHED_BACK,
    reconfigured: [...FALL_BACK, 'chosen in 0-5000'],
    'standby-opened': ['listening(fallback)+proving', 'healthy in 5000'],
    'standby-lost': NEXT_TRY,
    'standby-busy': ['listening(fallback)', 'proved in 10000'],
    'fallback-gone': ['reconnecting(1)', 'retry in 0-250'],
    ...STOP,
  },
  'listening(fallback)+proving': {
    // It is open already: nothing is nearer.
    lost: TAKE_OVER,
    broke: TAKE_OVER,
    refused: TAKE_OVER,
    'engine-ended': TAKE_OVER,
    'engine-chosen': WISHED_BACK,
    reconfigured: [...FALL_BACK, 'chosen in 0-5000'],
    'standby-lost': NEXT_TRY,
    'standby-busy': ['listening(fallback)', 'proved in 10000'],
    healthy: TAKE_OVER,
    'fallback-gone': ['reconnecting(1)', 'retry in 0-250'],
    ...STOP,
  },
  'listening(fallback)+due': {
    lost: TAKE_OVER,
    broke: TAKE_OVER,
    refused: TAKE_OVER,
    'engine-ended': TAKE_OVER,
    'engine-chosen': WISHED_BACK,
    reconfigured: [...FALL_BACK, 'chosen in 0-5000'],
    'standby-lost': NEXT_TRY,
    'standby-busy': ['listening(fallback)', 'proved in 10000'],
    pauses: TAKE_OVER,
    'swap-due': TAKE_OVER,
    'fallback-gone': ['reconnecting(1)', 'retry in 0-250'],
    ...STOP,
  },
  'reconnecting(1)': {
    opened: ['listening(chosen)', 'proved in 10000'],
    lost: ['reconnecting(2)', 'retry in 0-500'],
    broke: FALL_BACK,
    refused: FALL_BACK,
    'engine-ended': ['reconnecting(2)', 'retry in 0-500'],
    'retry-due': ['reconnecting(1)', 'open chosen'],
    'patience-over': [...FALL_BACK, 'chosen in 0-5000'],
    'engine-chosen': ['reconnecting(1)', 'open chosen'],
    reconfigured: ['reconnecting(1)', 'open chosen'],
    'source-ended': ['draining(completed opening)', 'open chosen'],
    unplugged: ['draining(failed opening)', 'open chosen'],
    stop: ['draining(stopped opening)', 'open chosen', 'stop-source'],
  },
  'falling_back(1)': {
    opened: ['listening(fallback)', 'proved in 10000', 'chosen in 5000-6000'],
    lost: ['falling_back(2)', 'retry in 0-500'],
    broke: ['reconnecting(1)', 'retry in 0-250'],
    refused: ['reconnecting(1)', 'retry in 0-250'],
    'engine-ended': ['falling_back(2)', 'retry in 0-500'],
    'retry-due': ['falling_back(1)', 'open fallback'],
    'chosen-due': ['falling_back(1)+tried', 'open-standby'],
    'engine-chosen': ['falling_back(1)+tried', 'open-standby'],
    reconfigured: FALL_BACK,
    'fallback-gone': ['reconnecting(1)', 'retry in 0-250'],
    'source-ended': ['draining(completed opening)', 'open fallback'],
    unplugged: ['draining(failed opening)', 'open fallback'],
    stop: ['draining(stopped opening)', 'open fallback', 'stop-source'],
  },
  'falling_back(1)+tried': {
    opened: ['listening(fallback)+tried', 'proved in 10000'],
    lost: ['falling_back(2)+tried', 'retry in 0-500'],
    broke: ['reconnecting(1)', 'retry in 0-250'],
    refused: ['reconnecting(1)', 'retry in 0-250'],
    'engine-ended': ['falling_back(2)+tried', 'retry in 0-500'],
    'retry-due': ['falling_back(1)+tried', 'open fallback'],
    'engine-chosen': ['falling_back(1)+tried', 'open-standby'],
    reconfigured: ['falling_back(1)+tried', 'open fallback', 'open-standby'],
    'standby-opened': TAKE_OVER,
    'standby-lost': ['falling_back(1)', 'chosen in 0-5000'],
    'standby-busy': ['falling_back(1)'],
    'fallback-gone': ['reconnecting(1)', 'retry in 0-250'],
    'source-ended': ['draining(completed opening)', 'open fallback'],
    unplugged: ['draining(failed opening)', 'open fallback'],
    stop: ['draining(stopped opening)', 'open fallback', 'stop-source'],
  },
  awaiting_user: {
    'retry-chosen': ['reconnecting(1)', 'open chosen'],
    'engine-chosen': ['reconnecting(1)', 'open chosen'],
    reconfigured: ['reconnecting(1)', 'open chosen'],
    'fallback-there': FALL_BACK,
    'source-ended': ['ended(failed)', 'finish'],
    unplugged: ['ended(failed)', 'finish'],
    stop: ['ended(stopped)', 'finish'],
  },
  'draining(stopped open)': {
    ...LAST_WORDS_LOST,
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
    ...LAST_WORDS_LOST,
    opened: ['draining(stopped open)'],
    'retry-due': ['draining(stopped opening)', 'open chosen'],
    stop: ['ended(stopped)', 'finish'],
  },
  'ended(stopped)': {},
}

/** What is noted whatever the phase is. */
const FACTS: Partial<Record<EventName, object>> = {
  mute: { isMuted: true },
  'no-device': { hasDevice: false },
  speaks: { isSpeaking: true },
  pauses: { isSpeaking: false },
  'fallback-gone': { fallback: 'none' },
}

/** Other reasons for the same: what is not the user's to mend is lost, what is theirs is refused. */
for (const row of Object.values(TABLE)) {
  if (row.refused) row.capped = row.refused
  if (row.lost) row.draining = row.lost.map(atOnce)
}

/** Only the first try of the chosen engine's is at once. */
function atOnce(command: string): string {
  return command.replace('retry in 0-250', 'retry in 0')
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
    const [name, ...commands] = TABLE[state][event] ?? [state]
    expect([after.name, ...after.commands]).toEqual([
      name,
      ...(event === 'mute' && isAlive ? ['mute true'] : commands),
    ])
    if (!isAlive) expect(after.state).toEqual(before.state)
    else if (FACTS[event]) expect(after.state).toMatchObject(FACTS[event])
  })
})
