import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionState } from './session.ts'
import { idleSession } from './session.ts'
import { stepSession } from './step-session.ts'
import type { EventName } from './testing/run-events.ts'
import { brief, EVENT_NAMES, EVENTS, lost, POLICIES, runEvents } from './testing/run-events.ts'

describe('the life of a session', () => {
  it('waits out of credit, keeps listening, and goes on when the user has paid', () => {
    const waiting = runEvents('alone', ['start', 'opened', 'broke'])
    expect(waiting.name).toBe('out_of_credit')
    const paid = runEvents('alone', ['start', 'opened', 'broke', 'retry-chosen'])
    expect([paid.name, ...paid.commands]).toEqual(['reconnecting(chosen 1)', 'open chosen'])
    expect(runEvents('alone', ['start', 'opened', 'broke', 'stop']).name).toBe('ended(stopped)')
    expect(runEvents('alone', ['start', 'opened', 'broke', 'source-ended']).name).toBe(
      'ended(failed)',
    )
  })

  it('ends at once with what the engine failed with where it does not recover', () => {
    const { state, commands } = runEvents('plain', ['start', 'opened', 'lost'])
    expect(state).toMatchObject({ phase: 'ended', outcome: { kind: 'failed', error: lost } })
    expect(commands).toEqual(['finish'])
    expect(runEvents('plain', ['start', 'opened', 'stop', 'lost']).name).toBe('ended(failed)')
  })

  it('falls back after three failed tries, and gives up after five minutes alone', () => {
    const failing = (tries: number) => Array<EventName>(tries).fill('lost')
    expect(runEvents('backed', ['start', 'opened', ...failing(3)]).name).toBe(
      'reconnecting(chosen 3)',
    )
    expect(runEvents('backed', ['start', 'opened', ...failing(4)]).commands).toEqual([
      'open fallback',
    ])
    expect(runEvents('alone', ['start', 'opened', ...failing(60)]).commands).toEqual(['wait 5000'])
    expect(runEvents('alone', ['start', 'opened', ...failing(61)]).name).toBe('ended(failed)')
  })

  it('counts the tries of an engine that opens and fails, until it has listened a while', () => {
    const flapping = ['lost', 'opened', 'lost', 'opened', 'lost', 'opened'] as const
    expect(runEvents('backed', ['start', 'opened', ...flapping]).name).toBe('listening')
    expect(runEvents('backed', ['start', 'opened', ...flapping, 'lost']).commands).toEqual([
      'open fallback',
    ])
    expect(runEvents('backed', ['start', 'opened', ...flapping, 'time-up', 'lost']).name).toBe(
      'reconnecting(chosen 1)',
    )
  })

  it('gives the fall-back another chance once the chosen engine has listened a while', () => {
    const bothFailed = ['start', 'opened', 'lost', 'lost', 'lost', 'lost', 'broke'] as const
    expect(runEvents('backed', bothFailed).name).toBe('reconnecting(chosen 1)')
    const back = [...bothFailed, 'opened'] as const
    expect(runEvents('backed', [...back, 'broke']).name).toBe('out_of_credit')
    expect(runEvents('backed', [...back, 'time-up', 'broke']).commands).toEqual(['open fallback'])
  })

  it('waits as long as the engine asked for', () => {
    const error = new SpeechError('busy', 'Later.', { retryable: true, retryAfterMs: 4000 })
    const { state } = runEvents('backed', ['start', 'opened'])
    const { commands } = stepSession(state, { type: 'engine-failed', error })
    expect(commands.map(brief)).toEqual(['wait 4000'])
  })

  it('falls back at once where it would have to wait longer than that takes', () => {
    const error = new SpeechError('busy', 'Later.', { retryable: true, retryAfterMs: 60_000 })
    const failed = (policy: 'backed' | 'alone') =>
      stepSession(runEvents(policy, ['start', 'opened']).state, { type: 'engine-failed', error })
    expect(failed('backed').commands.map(brief)).toEqual(['open fallback'])
    expect(failed('alone').commands.map(brief)).toEqual(['wait 60000'])
  })

  it('is in a hurry with an engine only where the fall-back could speak instead', () => {
    const hurry = (policy: 'backed' | 'alone', ...names: EventName[]) => {
      const { state } = runEvents(policy, names)
      return stepSession(state, EVENTS['time-up']).commands
    }
    const withinMs = 10_000
    expect(hurry('backed', 'start', 'opened', 'lost')).toMatchObject([{ role: 'chosen', withinMs }])
    expect(hurry('alone', 'start', 'opened', 'lost')).toMatchObject([{ withinMs: undefined }])
    const fallback = hurry('backed', 'start', 'opened', 'broke', 'lost')
    expect(fallback).toMatchObject([{ role: 'fallback', withinMs: undefined }])
  })

  it('falls back though hope for the chosen engine comes between all its tries', () => {
    const tries = ['lost', 'retry-chosen', 'time-up', 'retry-chosen', 'opened'] as const
    const flapping = ['start', 'opened', ...tries, ...tries, ...tries, 'lost'] as const
    expect(runEvents('backed', flapping).commands).toEqual(['open fallback'])
  })

  it('opens the engine once more for the last words, then the fall-back, and no more', () => {
    const words = ['start', 'opened', 'source-ended', 'lost'] as const
    expect(runEvents('alone', words).name).toBe('draining(completed opening)')
    expect(runEvents('alone', [...words, 'opened']).commands).toEqual(['close-engine'])
    expect(runEvents('alone', [...words, 'opened', 'lost']).name).toBe('ended(failed)')
    expect(runEvents('backed', [...words, 'opened', 'lost']).commands).toEqual(['open fallback'])
    expect(runEvents('backed', [...words, 'lost', 'lost']).name).toBe('ended(failed)')
  })

  it('is total, finishes exactly once, and nothing leads back from the end', () => {
    const anyPolicy = fc.constantFrom(...Object.values(POLICIES))
    const anyEvents = fc.array(fc.constantFrom(...EVENT_NAMES), { maxLength: 60 })
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
