import { describe, expect, it } from 'vitest'
import type { Decoded, WhisperToken } from '../library/whisper-binding.ts'
import type { Guard } from './guards.ts'
import { joinWords, saysTwice, spokenWords } from './spoken-words.ts'

/** Tokens of 100 ms each, or of so many ms, as sure of themselves as told. */
function tokens(texts: readonly string[], p = 0.9, tokenMs = 100): WhisperToken[] {
  return texts.map((text, i) => {
    const startMs = i * tokenMs
    return { text, p, logp: Math.log(p), parts: 1, startMs, endMs: startMs + tokenMs }
  })
}

function heard(all: readonly WhisperToken[]): Decoded {
  return { tokens: all, language: 'en' }
}

const times = { startMs: 5000, endMs: 6000 }

function textOf(texts: readonly string[], p?: number, disabledGuards?: readonly Guard[]): string {
  return joinWords(spokenWords(heard(tokens(texts, p)), { ...times, disabledGuards }))
}

describe('spoken words', () => {
  it('are put together from tokens, with punctuation, times on the capture clock', () => {
    const words = spokenWords(heard(tokens([' An', 'other', ' day', ',', ' friend', '.'])), times)
    expect(joinWords(words)).toBe('Another day, friend.')
    expect(words).toMatchObject([
      { text: 'Another', startMs: 5000, endMs: 5200 },
      { text: 'day,', startMs: 5200, endMs: 5300 },
      { text: 'friend.', startMs: 5400, endMs: 5500 },
    ])
    for (const { confidence } of words) expect(confidence).toBeCloseTo(0.9)
  })

  it('never leave the audio and never go back', () => {
    const [a, b] = tokens([' one', ' two']) as [WhisperToken, WhisperToken]
    const odd = [
      { ...a, startMs: 700, endMs: 30_000 },
      { ...b, startMs: 300, endMs: 200 },
    ]
    expect(spokenWords(heard(odd), times)).toMatchObject([
      { startMs: 5700, endMs: 6000 },
      { startMs: 5700, endMs: 5700 },
    ])
  })

  it('are one token each in languages without spaces', () => {
    const decoded = heard(tokens(['今日', 'は', '晴れ', '。']))
    const words = spokenWords(decoded, { ...times, spaced: false })
    expect(joinWords(words, false)).toBe('今日は晴れ。')
    expect(words.map((word) => word.text)).toEqual(['今日', 'は', '晴れ。'])
  })

  it('do not count where Whisper describes a sound', () => {
    expect(textOf([' [', 'Music', ']'])).toBe('')
    expect(textOf([' (', 'keyboard', ' click', 'ing', ')', ' Hello', '.'])).toBe('Hello.')
    expect(textOf([' ♪', ' La', ' la', ' ♪'])).toBe('')
    expect(textOf([' So', ' [', 'BLANK', '_'])).toBe('So')
    expect(textOf([' >>', ' Yeah'])).toBe('Yeah')
    expect(textOf([' ...'])).toBe('')
  })

  it('do not count where Whisper does not believe them itself', () => {
    expect(textOf([' Bye', '!'], 0.2)).toBe('')
    expect(textOf([' Bye', '!'], 0.6)).toBe('Bye!')
  })

  it('end where it goes round in circles, but people may repeat themselves', () => {
    const loop = Array.from({ length: 8 }, () => [' thank', ' you']).flat()
    expect(textOf([' Well', ...loop])).toBe('Well thank you')
    expect(textOf([' A', 'h'.repeat(40)])).toBe('')
    expect(textOf([' No', ',', ' no', ',', ' no', ',', ' no', '.'])).toBe('No, no, no, no.')
  })

  it('do not count twice where there was no time to say them again', () => {
    const said = [' In', ' this', ' regard', ',']
    const again = [' in', ' this', ' regard', '.']
    const words = tokens([...said, ...again])
    const slow = tokens([...said, ...again], 0.9, 400)
    const window = (endMs: number) => ({ startMs: 0, endMs })
    const text = (all: readonly WhisperToken[], endMs: number) =>
      joinWords(spokenWords(heard(all), window(endMs)))
    expect(text(words, 600)).toBe('In this regard,')
    expect(text(slow, 3300)).toBe('In this regard, in this regard.')
  })

  it('are no language where they compress like none', () => {
    const counting = Array.from({ length: 12 }, (_, i) => [' number', ' of', ` ${i % 3}`]).flat()
    expect(textOf(counting, 0.9, ['loops'])).toBe('')
    expect(textOf(counting, 0.9, ['loops', 'compression'])).toContain('number of 2')
  })

  it.each<[Guard, string, readonly string[], number]>([
    ['notes', '[Music]', [' [', 'Music', ']'], 0.9],
    ['logprob', 'Bye!', [' Bye', '!'], 0.2],
    ['loops', 'no no no no no no no', Array.from({ length: 7 }, () => ' no'), 0.9],
  ])(
    'count in spite of the guard "%s" where it is left out, and only then',
    (guard, text, of, p) => {
      expect(textOf(of, p, [guard])).toBe(text)
      const others = (['notes', 'logprob', 'loops'] as const).filter((other) => other !== guard)
      expect(textOf(of, p, others)).not.toBe(text)
    },
  )
})

describe('what was heard says itself twice', () => {
  const isIt = (texts: readonly string[]) => {
    const disabledGuards = ['loops'] as const
    return saysTwice(spokenWords(heard(tokens(texts)), { ...times, disabledGuards }))
  }

  it('where two words or more are said again at once, whatever their case and punctuation', () => {
    expect(isIt([' In', ' this', ' regard', ',', ' in', ' this', ' regard', '.'])).toBe(true)
    expect(isIt([' Well', ' you', ' know', ' you', ' know', ' it'])).toBe(true)
  })

  it('not for one word said twice, nor for words that come back later', () => {
    expect(isIt([' No', ',', ' no', '.'])).toBe(false)
    expect(isIt([' you', ' know', ' that', ' you', ' know'])).toBe(false)
    expect(isIt([])).toBe(false)
  })
})

describe('an echo', () => {
  const said = [' it', ' is', ' so', ',', ' it', ' is', ' so']
  const words = (tokenMs: number, maxTokens = 100) =>
    joinWords(
      spokenWords(heard(tokens(said, 0.9, tokenMs)), { startMs: 0, endMs: 2000, maxTokens }),
    )

  it('is what was said before where the text had to be cut, however long it took', () => {
    expect(words(280, 9)).toBe('it is so,')
    expect(words(280, 10)).toBe('it is so, it is so')
  })

  it('is what was said before where the decoder had to be ended', () => {
    const decoded = { ...heard(tokens(said, 0.9, 280)), looped: true }
    expect(joinWords(spokenWords(decoded, { startMs: 0, endMs: 2000 }))).toBe('it is so,')
    const ask = { ...heard(tokens([' ask', ' ask', ' ask', ' ask'], 0.9, 280)), looped: true }
    expect(joinWords(spokenWords(ask, { startMs: 0, endMs: 2000 }))).toBe('ask')
  })

  it('is what follows in no time', () => {
    const [first, second] = [said.slice(0, 4), said.slice(4)]
    const again = tokens(second, 0.9, 0).map(({ text, p, logp, parts }) => {
      return { text, p, logp, parts, startMs: 1900, endMs: 1900 }
    })
    const late = [...tokens(first), ...again]
    expect(joinWords(spokenWords(heard(late), { startMs: 0, endMs: 2000 }))).toBe('it is so,')
  })
})
