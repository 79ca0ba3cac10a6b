import { describe, expect, it } from 'vitest'
import type { Caption, CaptionState } from './captions.ts'
import { noCaptions } from './captions.ts'
import type { OverlayView } from './visible-rows.ts'
import { FADE_OUT_MS, visibleRows } from './visible-rows.ts'

const LIMITS = { fadeSeconds: 5, maxLines: 3, interim: true }

/** A caption that appeared and changed last at these ms. */
function caption(id: number, appearedAtMs: number, changedAtMs: number): Caption {
  return { id, text: `words ${id}`, startMs: 0, endMs: id, appearedAtMs, changedAtMs }
}

const one = caption(1, 0, 1000)
const two = caption(2, 1500, 2000)
const three = caption(3, 2500, 3000)
const four = caption(4, 3500, 4000)
const afterSilence = caption(5, 9000, 9500)

function state(lines: Caption[], interim: Caption | null = null, ended = false): CaptionState {
  return { lines, interim, ended }
}

describe('visibleRows', () => {
  it.each([
    ['nothing before anybody has spoken', noCaptions, LIMITS, 0, []],
    ['a guess', state([], one), LIMITS, 1000, ['[1]']],
    ['a guess below the lines', state([one], two), LIMITS, 2000, ['1', '[2]']],
    [
      'no guess where none is wanted',
      state([one], two),
      { ...LIMITS, interim: false },
      2000,
      ['1'],
    ],
    ['the newest lines only', state([one, two, three, four]), LIMITS, 4000, ['2', '3', '4']],
    ['a guess as one of them', state([one, two, three], four), LIMITS, 4000, ['2', '3', '[4]']],
    ['one line where one is wanted', state([one], two), { ...LIMITS, maxLines: 1 }, 2000, ['[2]']],
    ['lines until the silence is over', state([one, two]), LIMITS, 6999, ['1', '2']],
    ['lines while they fade', state([one, two]), LIMITS, 7000 + FADE_OUT_MS - 1, ['1', '2']],
    ['nothing once they have faded', state([one, two]), LIMITS, 7000 + FADE_OUT_MS, []],
    ['nothing from before a silence', state([four], afterSilence), LIMITS, 9500, ['[5]']],
    ['nor once that is final', state([three, four, afterSilence]), LIMITS, 9500, ['5']],
    ['all of it where nothing fades', state([one]), { ...LIMITS, fadeSeconds: 0 }, 1e9, ['1']],
    [
      'not even that after the end',
      state([one], null, true),
      { ...LIMITS, fadeSeconds: 0 },
      1e9,
      [],
    ],
  ])('shows %s', (_what, captions, limits, nowMs, expected) => {
    const { rows } = visibleRows(captions, limits, nowMs)
    expect(rows.map(({ id, isInterim }) => (isInterim ? `[${id}]` : `${id}`))).toEqual(expected)
  })

  it('tells how much of a guess is settled', () => {
    const { rows } = visibleRows(state([one], { ...two, settledChars: 3 }), LIMITS, 2000)
    expect(rows.map(({ settledChars }) => settledChars)).toEqual([0, 3])
  })

  it.each([
    ['begins to fade', 2000, false, 7000],
    ['is gone', 7000, true, 7000 + FADE_OUT_MS],
    ['never changes again', 7000 + FADE_OUT_MS, false, undefined],
  ])('says when what is shown %s', (_what, nowMs, isFading, changesAtMs) => {
    expect(visibleRows(state([one, two]), LIMITS, nowMs)).toMatchObject({ isFading, changesAtMs })
  })

  it('has nothing to wait for where nothing fades', () => {
    const view = visibleRows(state([one]), { ...LIMITS, fadeSeconds: 0 }, 2000)
    expect(view.changesAtMs).toBeUndefined()
  })

  it('brings nothing back that has faded, however long captions stay from then on', () => {
    const forever = { ...LIMITS, fadeSeconds: 0 }
    const shown = (captions: CaptionState, before: OverlayView) =>
      visibleRows(captions, forever, 9900, before.fadedMs).rows.map(({ id }) => id)
    const partly = visibleRows(state([four], afterSilence), LIMITS, 9500)
    expect(shown(state([four], afterSilence), partly)).toEqual([5])
    expect(shown(state([four, afterSilence]), partly)).toEqual([5])
    const wholly = visibleRows(state([three, four]), LIMITS, 9900)
    expect(shown(state([three, four]), wholly)).toEqual([])
    expect(shown(state([three, four, afterSilence]), wholly)).toEqual([5])
  })

  it('brings a guess back that had faded where it goes on', () => {
    const { fadedMs } = visibleRows(state([one], two), LIMITS, 20_000)
    const goesOn = { ...two, changedAtMs: 20_100 }
    const { rows } = visibleRows(state([one], goesOn), LIMITS, 20_200, fadedMs)
    expect(rows.map(({ id }) => id)).toEqual([2])
  })

  it('keeps a hidden guess from being taken for silence', () => {
    const limits = { ...LIMITS, interim: false }
    const speaking = state([one], caption(2, 1500, 60_000))
    expect(visibleRows(speaking, limits, 60_000)).toMatchObject({ isFading: false })
    expect(visibleRows(speaking, limits, 60_000).rows).toHaveLength(1)
  })
})
