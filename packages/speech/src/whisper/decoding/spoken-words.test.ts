import { describe, expect, it } from 'vitest'
import type { WhisperToken } from '../library/whisper-binding.ts'
import { spokenWords } from './spoken-words.ts'

/** Tokens of 100 ms each, as sure of themselves as told. */
function tokens(texts: readonly string[], p = 0.9): WhisperToken[] {
  return texts.map((text, i) => {
    return { text, p, logp: Math.log(p), parts: 1, startMs: i * 100, endMs: i * 100 + 100 }
  })
}

const times = { startMs: 5000, endMs: 6000 }

function textOf(texts: readonly string[], p?: number): string {
  return spokenWords(tokens(texts, p), times).text
}

describe('spoken words', () => {
  it('are put together from tokens, with punctuation, times on the capture clock', () => {
    const spoken = spokenWords(tokens([' An', 'other', ' day', ',', ' friend', '.']), times)
    expect(spoken.text).toBe('Another day, friend.')
    expect(spoken.words).toMatchObject([
      { text: 'Another', startMs: 5000, endMs: 5200 },
      { text: 'day,', startMs: 5200, endMs: 5300 },
      { text: 'friend.', startMs: 5400, endMs: 5500 },
    ])
    expect(spoken.confidence).toBeCloseTo(0.9)
  })

  it('never leave the audio and never go back', () => {
    const [a, b] = tokens([' one', ' two']) as [WhisperToken, WhisperToken]
    const odd = [
      { ...a, startMs: 700, endMs: 30_000 },
      { ...b, startMs: 300, endMs: 200 },
    ]
    expect(spokenWords(odd, times).words).toMatchObject([
      { startMs: 5700, endMs: 6000 },
      { startMs: 5700, endMs: 5700 },
    ])
  })

  it('are one token each in languages without spaces', () => {
    const spoken = spokenWords(tokens(['今日', 'は', '晴れ', '。']), { ...times, spaced: false })
    expect(spoken.text).toBe('今日は晴れ。')
    expect(spoken.words.map((word) => word.text)).toEqual(['今日', 'は', '晴れ。'])
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
})
