import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionState } from './session.ts'
import { idleSession } from './session.ts'
import { stepSession } from './step-session.ts'
import type { EventName } from './testing/run-events.ts'
import { brief, EVENT_NAMES, EVENTS, lost, POLICIES, runEvents } from './testing/run-events.ts'

describe('the life of a session', () => {
  it('waits for what the user mends, keeps listening, and goes on when it is mended', () => {
    for (const failure of ['broke', 'capped', 'refused'] as const) {
      const waiting = runEvents('alone', ['start', 'opened', failure])
      expect(waiting.name).toBe('awaiting_user')
      const mended = runEvents('alone', ['start', 'opened', failure, 'retry-chosen'])
      expect([mended.name, ...mended.commands]).toEqual(['reconnecting(1)', 'open chosen'])
      expect(runEvents('alone', ['start', 'opened', failure, 'stop']).name).toBe('ended(stopped)')
      expect(runEvents('alone', ['start', 'opened', failure, 'source-ended']).name).toBe(
        'ended(failed)',
      )
    }
  })

  it('ends at once where nobody is let in when it starts, and nothing was said yet', () => {
    expect(runEvents('alone', ['start', 'refused']).name).toBe('ended(failed)')
    expect(runEvents('alone', ['start', 'broke']).name).toBe('awaiting_user')
  })

  it('ends at once with what the engine failed with where it does not recover', () => {
    const { state, commands } = runEvents('plain', ['start', 'opened', 'lost'])
    expect(state).toMatchObject({ phase: 'ended', outcome: { kind: 'failed', error: lost } })
    expect(commands).toEqual(['finish'])
    expect(runEvents('plain', ['start', 'opened', 'stop', 'lost']).name).toBe('ended(failed)')
  })

  const failing = (tries: number) => Array<EventName>(tries).fill('lost')

  it('falls back after three failed tries', () => {
    expect(runEvents('backed', ['start', 'opened', ...failing(3)]).name).toBe('reconnecting(3)')
    expect(runEvents('backed', ['start', 'opened', ...failing(4)]).commands).toEqual([
      'open fallback',
      'chosen in 0-5000',
    ])
  })

  it('reconnects for ever where there is no fall-back, each time after up to five seconds', () => {
    for (const tries of [6, 60, 600, 6000]) {
      const { name, commands } = runEvents('alone', ['start', 'opened', ...failing(tries)])
      expect([name, ...commands]).toEqual([`reconnecting(${tries})`, 'retry in 0-5000'])
    }
  })

  it('goes at once where a server moves, and then like others', () => {
    const { commands, name } = runEvents('backed', ['start', 'opened', 'draining'])
    expect([name, ...commands]).toEqual(['reconnecting(1)', 'retry in 0', 'patience in 2000'])
    expect(runEvents('backed', ['start', 'opened', 'draining', 'draining']).commands).toEqual([
      'retry in 0-500',
    ])
  })

  it('tries the chosen engine after 5 s, 15 s, and then each minute, while another one speaks', () => {
    const away = ['start', 'opened', 'lost', 'patience-over', 'opened'] as const
    const isTry = (command: string) => command.startsWith('chosen')
    const next = (tries: number) => {
      const failed = Array.from({ length: tries }, () => ['chosen-due', 'standby-lost'] as const)
      return runEvents('backed', [...away, ...failed.flat()]).commands.find(isTry)
    }
    expect([0, 1, 2, 3, 100].map(next)).toEqual([
      'chosen in 5000-6000',
      'chosen in 15000-18000',
      'chosen in 60000-72000',
      'chosen in 60000-72000',
      'chosen in 60000-72000',
    ])
    // What comes back and is lost again at once is not tried more often for it.
    const flap = ['chosen-due', 'standby-opened', 'healthy', ...failing(3), 'opened'] as const
    expect(runEvents('backed', [...away, ...flap]).commands.find(isTry)).toBe(
      'chosen in 15000-18000',
    )
    const well = ['chosen-due', 'standby-opened', 'healthy', 'proved', ...failing(4), 'opened']
    expect(runEvents('backed', [...away, ...(well as EventName[])]).commands.find(isTry)).toBe(
      'chosen in 5000-6000',
    )
  })

  it('changes back between two utterances, but waits three seconds at most', () => {
    const back = ['start', 'opened', 'lost', 'patience-over', 'opened', 'speaks'] as const
    const proving = [...back, 'chosen-due', 'standby-opened'] as const
    expect(runEvents('backed', [...proving, 'pauses', 'healthy']).commands).toContain('swap')
    const due = runEvents('backed', [...proving, 'healthy'])
    expect(due.commands).toEqual(['swap in 3000'])
    expect(runEvents('backed', [...proving, 'healthy', 'pauses']).commands).toContain('swap')
    expect(runEvents('backed', [...proving, 'healthy', 'swap-due']).commands).toContain('swap')
  })

  it('does not change at all to what fails before it has stayed open for a while', () => {
    const back = ['start', 'opened', 'lost', 'patience-over', 'opened'] as const
    const { name } = runEvents('backed', [...back, 'chosen-due', 'standby-opened', 'standby-lost'])
    expect(name).toBe('listening(fallback)')
  })

  it('tries the chosen engine on while the fall-back loads, and takes whichever is first', () => {
    const loading = ['start', 'opened', 'lost', 'patience-over'] as const
    const tried = [...loading, 'chosen-due', 'standby-lost', 'chosen-due'] as const
    expect(runEvents('backed', tried).name).toBe('falling_back(1)+tried')
    expect(runEvents('backed', [...tried, 'standby-opened']).name).toBe('listening(chosen)')
    expect(runEvents('backed', [...tried, 'opened']).name).toBe('listening(fallback)+tried')
  })

  it('gives an engine that recovers by itself eight seconds before another one speaks', () => {
    const away = ['start', 'opened', 'backend-lost'] as const
    expect(runEvents('backed', away).commands).toEqual(['patience in 8000'])
    expect(runEvents('backed', [...away, 'patience-over']).name).toBe('falling_back(1)')
    expect(runEvents('backed', [...away, 'backend-back', 'patience-over']).name).toBe(
      'listening(chosen)',
    )
    expect(runEvents('alone', away).commands).toEqual([])
  })

  it('never uses a fall-back that the user has switched off, and uses one that comes', () => {
    const none = ['start', 'opened', 'fallback-gone'] as const
    expect(runEvents('backed', [...none, ...failing(10)]).name).toBe('reconnecting(10)')
    expect(runEvents('backed', [...none, 'broke']).name).toBe('awaiting_user')
    expect(runEvents('backed', [...none, 'broke', 'fallback-there']).name).toBe('falling_back(1)')
    const { commands } = runEvents('backed', [...none, 'lost', 'fallback-there'])
    expect(commands).toEqual(['patience in 2000'])
  })

  it('counts the tries of an engine that opens and fails, until it has listened a while', () => {
    const flapping = ['lost', 'opened', 'lost', 'opened', 'lost', 'opened'] as const
    expect(runEvents('backed', ['start', 'opened', ...flapping]).name).toBe('listening(chosen)')
    expect(runEvents('backed', ['start', 'opened', ...flapping, 'lost']).name).toBe(
      'falling_back(1)',
    )
    expect(runEvents('backed', ['start', 'opened', ...flapping, 'proved', 'lost']).name).toBe(
      'reconnecting(1)',
    )
  })

  it('gives the fall-back another chance once the chosen engine has listened a while', () => {
    const bothFailed = ['start', 'opened', ...failing(4), 'broke'] as const
    expect(runEvents('backed', bothFailed).name).toBe('reconnecting(1)')
    const back = [...bothFailed, 'opened'] as const
    expect(runEvents('backed', [...back, 'broke']).name).toBe('awaiting_user')
    expect(runEvents('backed', [...back, 'proved', 'broke']).commands).toEqual(['open fallback'])
  })

  it('waits at least as long as the engine asked for', () => {
    const error = new SpeechError('busy', 'Later.', { retryable: true, retryAfterMs: 1000 })
    const { state } = runEvents('backed', ['start', 'opened'])
    const { commands } = stepSession(state, { type: 'engine-failed', error })
    expect(commands.map(brief)).toEqual(['retry in 1000-1250', 'patience in 2000'])
  })

  it('falls back at once where it would have to wait longer than that takes', () => {
    const error = new SpeechError('busy', 'Later.', { retryable: true, retryAfterMs: 60_000 })
    const failed = (policy: 'backed' | 'alone') =>
      stepSession(runEvents(policy, ['start', 'opened']).state, { type: 'engine-failed', error })
    expect(failed('backed').commands.map(brief)[0]).toBe('open fallback')
    expect(failed('alone').commands.map(brief)).toEqual(['retry in 60000-60250'])
  })

  it('bounds each try of a service, and none of a model that loads', () => {
    const tried = (policy: 'backed' | 'alone', ...names: EventName[]) =>
      stepSession(runEvents(policy, names).state, EVENTS['retry-due']).commands
    expect(tried('backed', 'start', 'opened', 'lost')).toMatchObject([{ withinMs: 10_000 }])
    expect(tried('alone', 'start', 'opened', 'lost')).toMatchObject([{ withinMs: 30_000 }])
    const fallback = tried('backed', 'start', 'opened', 'broke', 'lost')
    expect(fallback).toMatchObject([{ role: 'fallback', withinMs: undefined }])
  })

  it('falls back though hope for the chosen engine comes between all its tries', () => {
    const tries = ['lost', 'retry-chosen', 'retry-due', 'retry-chosen', 'opened'] as const
    const flapping = ['start', 'opened', ...tries, ...tries, ...tries, 'lost'] as const
    expect(runEvents('backed', flapping).name).toBe('falling_back(1)')
  })

  it('opens the engine once more for the last words, then the fall-back, and no more', () => {
    const words = ['start', 'opened', 'source-ended', 'lost'] as const
    expect(runEvents('backed', words).name).toBe('draining(completed opening)')
    expect(runEvents('backed', [...words, 'opened']).commands).toEqual(['close-engine'])
    expect(runEvents('backed', [...words, 'opened', 'lost']).commands).toEqual(['open fallback'])
    expect(runEvents('backed', [...words, 'lost', 'lost']).name).toBe('ended(failed)')
  })

  it('opens the engine again and again for the last words where there is no other', () => {
    const over = ['start', 'opened', 'source-ended', 'lost'] as const
    const tries = (count: number) =>
      Array.from({ length: count }, () => ['lost', 'retry-due'] as const).flat()
    expect(runEvents('alone', [...over, ...tries(15)]).commands).toEqual(['open chosen'])
    expect(runEvents('alone', [...over, ...tries(15), 'lost']).name).toBe('ended(failed)')
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
