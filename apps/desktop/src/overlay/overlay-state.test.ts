import type { SpeechEvent } from '@saywire/speech'
import { emptyTranscript, reduceTranscript } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { OVERLAY_LINES_MAX, overlayState } from './overlay-state.ts'
import { final, interim } from './testing/speak.ts'

function stateAfter(...events: SpeechEvent[]) {
  return overlayState(events.reduce(reduceTranscript, emptyTranscript))
}

describe('overlayState', () => {
  it('shows nothing before anybody has spoken', () => {
    expect(stateAfter()).toEqual({ lines: [], interim: '' })
  })

  it('shows a guess as the interim, and its final as a line instead', () => {
    expect(stateAfter(interim('ice', 500))).toEqual({ lines: [], interim: 'ice' })
    expect(stateAfter(interim('ice', 500), final('Ice cream.', 900))).toEqual({
      lines: [{ id: 900, text: 'Ice cream.' }],
      interim: '',
    })
  })

  it('keeps the last lines only, oldest first, each under the id it had', () => {
    const finals = Array.from({ length: OVERLAY_LINES_MAX + 2 }, (_, n) =>
      final(`line ${n}`, (n + 1) * 1000),
    )
    expect(stateAfter(...finals, interim('and', 9000))).toEqual({
      lines: [
        { id: 3000, text: 'line 2' },
        { id: 4000, text: 'line 3' },
        { id: 5000, text: 'line 4' },
      ],
      interim: 'and',
    })
  })
})
