import type { FinalEvent } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { wordsFrom } from '@saywire/speech'
import { onCaptureClock } from './caption-times.ts'
import { createEngineClock } from './engine-clock.ts'

/** Words of 100 ms each, from 0 on. */
function final(text: string, words = text.split(' ')): FinalEvent {
  return {
    type: 'final',
    text,
    confidence: 1,
    words: words.map((word, index) => ({
      text: word,
      startMs: index * 100,
      endMs: index * 100 + 100,
      confidence: 1,
    })),
    startMs: 0,
    endMs: words.length * 100,
    speechFinal: true,
  }
}

describe('words that were said already', () => {
  it('are cut off, and the rest stands as the engine wrote it', () => {
    const left = wordsFrom(
      final('Well, well – hello there.', ['Well,', 'well', 'hello', 'there.']),
      200,
    )
    expect(left).toMatchObject({ text: '– hello there.', startMs: 200, endMs: 400 })
    expect(left?.words.map(({ text }) => text)).toEqual(['hello', 'there.'])
  })

  it('are cut off where words are written without spaces, or differently', () => {
    expect(wordsFrom(final('今日は良い天気', ['今日', 'は', '良い', '天気']), 200)?.text).toBe(
      '良い天気',
    )
    expect(wordsFrom(final('ONE TWO THREE', ['one', 'two', 'three']), 100)?.text).toBe('two three')
  })

  it('are told by their middle: engines do not agree to the ms where a word begins', () => {
    const early = final('one two three')
    expect(wordsFrom(early, 120)).toMatchObject({ text: 'two three', startMs: 120, endMs: 300 })
    expect(wordsFrom(early, 120)?.words[0]).toMatchObject({ startMs: 120, endMs: 200 })
    expect(wordsFrom(early, 80)?.text).toBe('two three')
    expect(wordsFrom(final('one'), 20)).toMatchObject({ text: 'one', startMs: 20 })
  })

  it('leave nothing of a caption that lies before the horizon whole', () => {
    expect(wordsFrom(final('one two'), 200)).toBeUndefined()
    expect(wordsFrom(final('one two'), 0)).toEqual(final('one two'))
  })

  it('leave a final that takes back an interim, and no empty interim', () => {
    expect(wordsFrom({ ...final('one two'), endMs: 900 }, 500)).toMatchObject({
      text: '',
      words: [],
    })
    const interim = { ...final('one two'), type: 'interim' as const, endMs: 900 }
    expect(wordsFrom(interim, 500)).toBeUndefined()
  })

  it('are told by the greater part where the engine names no words', () => {
    const wordless = { ...final('one two'), words: [], endMs: 1000 }
    expect(wordsFrom(wordless, 400)?.text).toBe('one two')
    expect(wordsFrom(wordless, 600)).toBeUndefined()
  })
})

describe('times on the capture clock', () => {
  it('part the words on both sides of a gap, whatever kind of event names them', () => {
    const clock = createEngineClock()
    clock.addAudio(1100 * 32)
    clock.addGap(5000)
    clock.addAudio(1000 * 32)
    const said = onCaptureClock(final('one two'), 1000, clock)
    expect(said).toMatchObject({ startMs: 1000, endMs: 6200 })
    expect(said.words).toMatchObject([
      { startMs: 1000, endMs: 1100 },
      { startMs: 6100, endMs: 6200 },
    ])
    const guess = { ...final('one two'), type: 'interim' as const, committedWords: 1 }
    expect(onCaptureClock(guess, 1000, clock)).toMatchObject({ committedWords: 1, startMs: 1000 })
    const started = { type: 'speech-started', atMs: 100 } as const
    expect(onCaptureClock(started, 1000, clock)).toMatchObject({ atMs: 6100 })
    const ended = { type: 'utterance-end', lastWordEndMs: 100 } as const
    expect(onCaptureClock(ended, 1000, clock)).toMatchObject({ lastWordEndMs: 1100 })
  })
})

describe('a word that seems to be said on both sides of a long gap', () => {
  /** 1 s of audio, 10 s of nothing, and audio again. */
  function clockWithGap() {
    const clock = createEngineClock()
    clock.addAudio(1000 * 32)
    clock.addGap(10_000)
    clock.addAudio(2000 * 32)
    return clock
  }

  function at(startMs: number, endMs: number, before = 0) {
    const words = [...Array.from({ length: before }, () => 'before'), 'word']
    const event = final(words.join(' '))
    const last = { text: 'word', startMs, endMs, confidence: 1 }
    const all = { ...event, words: [...event.words.slice(0, -1), last], endMs: 3000 }
    return onCaptureClock(all, 0, clockWithGap()).words.at(-1)
  }

  it('begins behind it where it is the first', () => {
    expect(at(400, 1200)).toMatchObject({ startMs: 11_000, endMs: 11_200 })
  })

  it('lies where most of it does where it is not', () => {
    expect(at(400, 1200, 2)).toMatchObject({ startMs: 400, endMs: 1000 })
    expect(at(900, 1200, 2)).toMatchObject({ startMs: 11_000, endMs: 11_200 })
  })

  it('stays where it is where it ends or begins at the gap', () => {
    expect(at(400, 1000)).toMatchObject({ startMs: 400, endMs: 1000 })
    expect(at(1000, 1200)).toMatchObject({ startMs: 11_000, endMs: 11_200 })
  })
})
