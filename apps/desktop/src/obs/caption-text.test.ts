import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitsLine, pairsOf, toCaptionWords } from './caption-text.ts'

test('words pass as they are where CEA-608 has their characters', () => {
  const text = 'Straße, déjà vu, ¿señor? 100% © “Ørsted” ♪'
  expect(toCaptionWords(text)).toEqual({ words: text.split(' '), hasForeignLetters: false })
})

test.each([
  ["don't", 'don’t'],
  ['Dvořák', 'Dvorák'],
  ['Łódź', 'Lódz'],
  ['cœur', 'coeur'],
  ['wait…', 'wait...'],
  ['1990–95', '1990-95'],
  ['5€', '5EUR'],
  ['e\u0301t\u00e9', 'été'],
])('%s is shown as %s', (word, shown) => {
  expect(toCaptionWords(word).words).toEqual([shown])
})

test('emoji and control characters vanish, and leave no empty word', () => {
  expect(toCaptionWords('good 👍🏽 game\u0007 \u200b gg')).toEqual({
    words: ['good', 'game', 'gg'],
    hasForeignLetters: false,
  })
})

test('words in other scripts are left out whole, and it is said', () => {
  expect(toCaptionWords('say привет and 你好 to a日本b everyone')).toEqual({
    words: ['say', 'and', 'to', 'everyone'],
    hasForeignLetters: true,
  })
})

test('a word longer than a line is cut into lines', () => {
  const { words } = toCaptionWords('a'.repeat(60))
  expect(words.map((word) => word.length)).toEqual([26, 26, 8])
})

test('counts the byte pairs that OBS packs a line into', () => {
  expect(pairsOf('')).toBe(0)
  expect(pairsOf('ab')).toBe(1)
  expect(pairsOf('abc')).toBe(2)
  // A special character takes a pair, and pads a character that waits for its partner.
  expect(pairsOf('è')).toBe(1)
  expect(pairsOf('aè')).toBe(2)
  // An extended one comes after a stand-in, which can be that partner.
  expect(pairsOf('ä')).toBe(2)
  expect(pairsOf('xä')).toBe(2)
})

test('whatever is said, each word fits a line and is made of known characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      for (const word of toCaptionWords(text).words) {
        expect(word).not.toBe('')
        expect(fitsLine(word)).toBe(true)
        expect(toCaptionWords(word).words).toEqual([word])
      }
    }),
  )
})
