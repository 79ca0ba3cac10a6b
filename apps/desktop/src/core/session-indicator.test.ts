import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { CaptureError } from './ports.ts'
import type { SessionFacts, SessionPhase } from './session.ts'
import { sessionIndicator, speaksInstead } from './session-indicator.ts'

const failure = new SpeechError('unreachable', 'Nobody answers.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Buy credits.')
const FACTS: SessionFacts = {
  recovers: true,
  fallback: 'ready',
  isMuted: false,
  hasDevice: true,
  source: 'running',
  hasAudio: true,
  isSpeaking: false,
  returns: 0,
}
const listening = {
  phase: 'listening',
  speaker: 'chosen',
  failure: undefined,
  standby: 'none',
  tries: 0,
  isRecovering: false,
} as const
const reconnecting = { phase: 'reconnecting', attempt: 2, failure } as const
const falling = { phase: 'falling_back', attempt: 1, failure, standby: 'none' } as const
const draining = {
  phase: 'draining',
  outcome: { kind: 'stopped' },
  role: 'chosen',
  engine: 'open',
  failure: undefined,
  tries: 0,
} as const

const show = (phase: SessionPhase, facts: Partial<SessionFacts> = {}) =>
  sessionIndicator({ ...FACTS, ...facts, ...phase })

describe('the session indicator', () => {
  it('has one picture for each phase, with its reason', () => {
    const why = { reason: 'unreachable', sentence: 'Nobody answers.' }
    expect(show({ phase: 'idle' })).toEqual({ kind: 'idle' })
    expect(show({ phase: 'starting' })).toEqual({ kind: 'starting' })
    expect(show(listening)).toEqual({ kind: 'listening' })
    expect(show({ ...listening, failure })).toEqual({ kind: 'fallback', ...why })
    expect(show(reconnecting)).toEqual({ kind: 'reconnecting', attempt: 2, ...why })
    expect(show(falling)).toEqual({ kind: 'reconnecting', attempt: 1, ...why })
    expect(show({ ...listening, isRecovering: true })).toMatchObject({ kind: 'reconnecting' })
    expect(show(draining)).toEqual({ kind: 'stopping' })
  })

  it.each([
    ['insufficient_credits', 'out_of_credit'],
    ['spend_cap_reached', 'cap_reached'],
    ['unauthenticated', 'access_refused'],
  ] as const)('says what captions wait for: %s', (code, kind) => {
    const sentence = 'Do this.'
    const waiting = { phase: 'awaiting_user', failure: new SpeechError(code, sentence) } as const
    expect(show(waiting)).toEqual({ kind, sentence })
  })

  it('says why a session failed, and nothing of one that ended well', () => {
    const unplugged = new CaptureError('no_microphone', 'Plug it in.')
    const ended = (error: SpeechError | CaptureError) =>
      show({ phase: 'ended', outcome: { kind: 'failed', error } })
    expect(ended(broke)).toEqual({
      kind: 'failed',
      reason: 'out_of_credit',
      sentence: 'Buy credits.',
    })
    expect(ended(unplugged)).toEqual({
      kind: 'failed',
      reason: 'no_microphone',
      sentence: 'Plug it in.',
    })
    expect(show({ phase: 'ended', outcome: { kind: 'stopped' } })).toEqual({ kind: 'idle' })
    expect(show({ phase: 'ended', outcome: { kind: 'completed' } })).toEqual({ kind: 'idle' })
  })

  it('says that it listens only once audio comes', () => {
    expect(show(listening, { hasAudio: false })).toEqual({ kind: 'starting' })
  })

  it('knows who speaks, also while the last words are said', () => {
    const speaks = (phase: SessionPhase) => speaksInstead({ ...FACTS, ...phase })
    expect([listening, draining, reconnecting].map(speaks)).toEqual([false, false, false])
    expect(speaks({ ...listening, failure })).toBe(true)
    expect(speaks({ ...draining, role: 'fallback' })).toBe(true)
  })

  it('never says that it listens while it is muted or has no microphone', () => {
    for (const phase of [listening, { ...listening, failure }, reconnecting, falling]) {
      expect(show(phase, { isMuted: true })).toEqual({ kind: 'muted' })
      expect(show(phase, { hasDevice: false })).toEqual({ kind: 'no_microphone' })
      expect(show(phase, { hasDevice: false, isMuted: true })).toEqual({ kind: 'no_microphone' })
    }
  })
})
