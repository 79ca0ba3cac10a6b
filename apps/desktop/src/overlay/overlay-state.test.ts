import type { CaptionState } from '@saywire/overlay'
import { CAPTIONS_MAX, noCaptions } from '@saywire/overlay'
import type { SpeechEvent } from '@saywire/speech'
import { emptyTranscript, reduceTranscript } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { overlayState } from './overlay-state.ts'
import { committed, final, interim } from './testing/speak.ts'

/** What is shown after these events, the first at 10 ms, the next at 20 ms, and so on. */
function stateAfter(events: readonly SpeechEvent[], before = noCaptions): CaptionState {
  let transcript = emptyTranscript
  return events.reduce((state, event, n) => {
    transcript = reduceTranscript(transcript, event)
    return overlayState(state, transcript, (n + 1) * 10)
  }, before)
}

describe('overlayState', () => {
  it('shows nothing before anybody has spoken', () => {
    expect(stateAfter([])).toBe(noCaptions)
  })

  it('keeps the id of a guess that grows and becomes final, and says when it changed', () => {
    const guess = stateAfter([interim('I', 500), interim('ice', 700)])
    expect(guess).toMatchObject({
      lines: [],
      interim: { id: 0, text: 'ice', endMs: 700, appearedAtMs: 10, changedAtMs: 20 },
    })
    const events = [interim('I', 500), interim('ice', 700), final('Ice cream.', 900)]
    expect(stateAfter(events)).toEqual({
      lines: [
        {
          id: 0,
          text: 'Ice cream.',
          startMs: 400,
          endMs: 900,
          appearedAtMs: 10,
          changedAtMs: 30,
        },
      ],
      interim: null,
      ended: false,
    })
  })

  it('gives every caption an id of its own, rising', () => {
    const { lines, interim: guess } = stateAfter([
      interim('one', 500),
      final('One.', 600),
      final('Two.', 900),
      interim('three', 1500),
    ])
    expect([...lines, guess].map((caption) => caption?.id)).toEqual([0, 1, 2])
  })

  it('returns what was there where viewers would see no change', () => {
    let transcript = reduceTranscript(emptyTranscript, interim('how', 1500))
    const before = overlayState(noCaptions, transcript, 10)
    transcript = reduceTranscript(transcript, interim('how', 1700))
    expect(overlayState(before, transcript, 20)).toBe(before)
  })

  it('tells how much of a guess is settled, and nothing younger for it', () => {
    const first = [committed('we play', 500, 0), committed('we play', 600, 1)]
    expect(stateAfter(first).interim).toMatchObject({ settledChars: 2, changedAtMs: 10 })
    const more = [...first, committed('we play chess', 900, 2)]
    expect(stateAfter(more).interim).toMatchObject({ settledChars: 7, changedAtMs: 30 })
    const { lines, interim: guess } = stateAfter([...more, final('We play chess.', 1000)])
    expect(lines[0]).not.toHaveProperty('settledChars')
    expect(guess).toBeNull()
  })

  it('takes a guess back that turned out to be no words', () => {
    expect(stateAfter([interim('uh', 500), final('', 700)])).toEqual(noCaptions)
  })

  it('keeps the last lines only, oldest first', () => {
    const finals = Array.from({ length: CAPTIONS_MAX + 2 }, (_, n) => final(`${n}`, (n + 1) * 1000))
    const { lines } = stateAfter(finals)
    expect(lines).toHaveLength(CAPTIONS_MAX)
    expect(lines.at(0)).toMatchObject({ id: 2, text: '2' })
    expect(lines.at(-1)).toMatchObject({ id: CAPTIONS_MAX + 1 })
  })

  it('begins anew with the next captioning, whose words are other captions', () => {
    const before = { ...stateAfter([final('Old.', 900)]), ended: true }
    const { lines, ended } = stateAfter([final('New.', 900)], before)
    expect(lines).toMatchObject([{ id: 1, text: 'New.' }])
    expect(ended).toBe(false)
  })
})
