import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureError } from './ports.ts'
import type { SessionEvent, SessionState } from './session.ts'
import { idleSession, stepSession } from './session.ts'

const engineError = new SpeechError('upstream_lost', 'Gone.')
const captureError = new CaptureError('no_microphone', 'Unplugged.')
const EVENTS: readonly SessionEvent[] = [
  { type: 'start' },
  { type: 'engine-opened' },
  { type: 'engine-failed', error: engineError },
  { type: 'engine-ended' },
  { type: 'source-ended' },
  { type: 'source-failed', error: captureError },
  { type: 'stop' },
]

function run(...types: SessionEvent['type'][]) {
  const commands: string[] = []
  let state: SessionState = idleSession
  for (const type of types) {
    const event = EVENTS.find((candidate) => candidate.type === type) as SessionEvent
    const next = stepSession(state, event)
    commands.push(...next.commands)
    state = next.state
  }
  return { state, commands }
}

describe('the session reducer', () => {
  it('completes when the audio is over and the engine has said its last', () => {
    const { state, commands } = run('start', 'engine-opened', 'source-ended', 'engine-ended')
    expect(state).toEqual({ phase: 'ended', outcome: { kind: 'completed' } })
    expect(commands).toEqual(['open-engine', 'start-source', 'close-engine', 'finish'])
  })

  it('flushes the last finals only after a stopped source has ended', () => {
    const { state, commands } = run(
      'start',
      'engine-opened',
      'stop',
      'source-ended',
      'engine-ended',
    )
    expect(state).toMatchObject({ outcome: { kind: 'stopped' } })
    expect(commands.slice(2)).toEqual(['stop-source', 'close-engine', 'finish'])
  })

  it('waits for nothing when it is told to stop a second time', () => {
    const { state, commands } = run('start', 'engine-opened', 'stop', 'stop')
    expect(state.phase).toBe('ended')
    expect(commands.slice(3)).toEqual(['stop-source', 'abort-engine', 'finish'])
  })

  it('loses no word to one Ctrl-C while the last finals are on their way', () => {
    const draining = ['start', 'engine-opened', 'source-ended', 'stop'] as const
    expect(run(...draining).state.phase).toBe('draining')
    expect(run(...draining, 'engine-ended').state).toMatchObject({ outcome: { kind: 'stopped' } })
    expect(run(...draining, 'stop').commands).toContain('abort-engine')
  })

  it('still flushes what was heard when the microphone goes', () => {
    const { state, commands } = run('start', 'engine-opened', 'source-failed', 'engine-ended')
    expect(state).toMatchObject({ outcome: { kind: 'failed', error: captureError } })
    expect(commands).toContain('close-engine')
  })

  it('stops the source when the engine fails, also while draining', () => {
    expect(run('start', 'engine-opened', 'engine-failed').commands).toContain('stop-source')
    expect(run('start', 'engine-opened', 'stop', 'engine-failed').state).toMatchObject({
      outcome: { kind: 'failed', error: engineError },
    })
  })

  it('is total, finishes exactly once, and nothing leads back from the end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        let state: SessionState = idleSession
        let finishes = 0
        for (const event of events) {
          const wasEnded = state.phase === 'ended'
          const next = stepSession(state, event)
          finishes += next.commands.filter((command) => command === 'finish').length
          if (wasEnded) expect(next).toEqual({ state, commands: [] })
          state = next.state
        }
        expect(finishes).toBe(state.phase === 'ended' ? 1 : 0)
      }),
    )
  })
})
