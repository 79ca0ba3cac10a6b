import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownWordsEnd } from './known-words-end.ts'

/** What of the guess lies behind the known words; undefined where it does not hold them. */
function newIn(guess: string, known: string, isFromStart = true): string | undefined {
  const [words, all] = [guess, known].map((text) => text.split(' ').filter((word) => word !== ''))
  const end = knownWordsEnd(all ?? [], words ?? [], isFromStart)
  return end === undefined ? undefined : words?.slice(end).join(' ')
}

describe('the end of the known words in a guess', () => {
  it('is where they end', () => {
    expect(newIn('we all live in a yellow', 'we all live in')).toBe('a yellow')
    expect(newIn('we all live in', 'we all live in')).toBe('')
  })

  it('is found behind words that are written as one here and as two there', () => {
    expect(newIn('the realtime code is good', 'the real time code')).toBe('is good')
    expect(newIn('the real time code is good', 'the realtime code')).toBe('is good')
    expect(newIn('stuffered with ham', 'stuff it with')).toBe('ham')
  })

  it('is found behind words that were heard otherwise, left out or put in', () => {
    expect(newIn('we all leave in a yellow', 'we all live in')).toBe('a yellow')
    expect(newIn('we live in a yellow', 'we all live in')).toBe('a yellow')
    expect(newIn('well we all live in a yellow', 'we all live in')).toBe('a yellow')
  })

  it('is behind all that a word was heard as, and before what comes after it', () => {
    expect(newIn('do not go', 'dont')).toBe('go')
    expect(newIn('it is late', 'its')).toBe('late')
    expect(newIn('he was good', 'he is')).toBe('good')
    expect(newIn('i could go', 'i can')).toBe('go')
    expect(newIn('my american ask not', 'my americans')).toBe('ask not')
  })

  it('is found in a guess that begins within the known words, with a torn word or a made-up one', () => {
    const known = 'ask not what your country can'
    expect(newIn('your country can do for you', known, false)).toBe('do for you')
    expect(newIn('ountry can do for you', known, false)).toBe('do for you')
    expect(newIn('oh your country can do for you', known, false)).toBe('do for you')
  })

  it('does not take what is said again later for the known words', () => {
    expect(newIn('i know that i know that you', 'i know that')).toBe('i know that you')
  })

  it('is nowhere where the guess is about something else, or empty', () => {
    expect(newIn('hmm', 'ask not what your country can')).toBeUndefined()
    expect(newIn('', 'ask not')).toBeUndefined()
  })

  it('is the beginning where nothing is known', () => {
    expect(newIn('ask not', '')).toBe('ask not')
    expect(newIn('', '')).toBe('')
  })

  it('is exact where the guess begins with the known words, however many they are', () => {
    const word = fc.constantFrom(
      'ask',
      'what',
      'your',
      'country',
      'can',
      'do',
      'fellow',
      'american',
    )
    const distinct = fc.constantFrom('zebra', 'jungle', 'quiz')
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 60, size: 'max' }),
        fc.array(distinct),
        (known, more) => {
          expect(knownWordsEnd(known, [...known, ...more], true)).toBe(known.length)
        },
      ),
    )
  })
})
