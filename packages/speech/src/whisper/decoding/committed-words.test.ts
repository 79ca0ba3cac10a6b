import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Word } from '../../speech-event.ts'
import { createCommittedWords } from './committed-words.ts'

const WORD_MS = 300

/** Words of 300 ms each, one behind the other. */
function said(text: string, startMs = 0, confidence = 0.8): Word[] {
  return text.split(' ').flatMap((word, i) => {
    const atMs = startMs + i * WORD_MS
    return word === '' ? [] : [{ text: word, startMs: atMs, endMs: atMs + WORD_MS, confidence }]
  })
}

function textOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ')
}

/** What stays: a word without its case and punctuation. */
function lettersOf(words: readonly Word[]): string[] {
  return words.map(({ text }) => text.toLowerCase().replaceAll(/\W/g, ''))
}

/** The words after these guesses, each of all the speech so far. */
function after(...guesses: readonly string[]) {
  const words = createCommittedWords()
  for (const guess of guesses) words.guess(said(guess))
  return words
}

describe('words that are guessed', () => {
  it('are committed by none alone, and shown all the same', () => {
    const words = after('the quick brown')
    expect(words.count).toBe(0)
    expect(textOf(words.words)).toBe('the quick brown')
  })

  it('are committed where two in a row agree, whatever their case and punctuation', () => {
    const words = after('the quick brown fax', 'The quick, brown fox jumps')
    expect(textOf(words.words.slice(0, words.count))).toBe('The quick, brown')
    expect(textOf(words.words)).toBe('The quick, brown fox jumps')
  })

  it('are not committed at the end of a guess, which is often the beginning of a word', () => {
    expect(after('the car', 'the car').count).toBe(1)
    expect(after('the car', 'the carpet').count).toBe(1)
  })

  it('are committed by one alone that heard them clearly, with a word behind', () => {
    const words = createCommittedWords()
    const clear = said('the quick brown fox').map(({ text, startMs, endMs }) => {
      return { text, startMs, endMs, confidence: 0.95 }
    })
    words.guess(clear)
    expect(words.count).toBe(3)
  })

  it('are committed by three where they are unclear, and what follows them with them', () => {
    const words = createCommittedWords()
    const unclear = said('severe storms tore down').map(({ text, startMs, endMs }) => {
      return { text, startMs, endMs, confidence: text === 'storms' ? 0.4 : 0.8 }
    })
    const counts = [1, 2, 3].map(() => {
      words.guess(unclear)
      return words.count
    })
    expect(counts).toEqual([0, 1, 3])
    words.guess(unclear)
    expect(words.count).toBe(3)
  })

  it('are committed by two where the engine cannot tell, or the newer one hears them better', () => {
    for (const [first, second] of [
      [0.5, 0.5],
      [0.4, 0.8],
    ]) {
      const words = createCommittedWords()
      words.guess(said('a severe storm', 0, first))
      words.guess(said('a severe storm', 0, second))
      expect(words.count).toBe(2)
    }
  })

  it('are unclear anew where another guess has another word', () => {
    const words = createCommittedWords()
    for (const text of ['a storm came', 'a storm came', 'a storms came', 'a storms came']) {
      words.guess(said(text, 0, 0.4))
    }
    expect(textOf(words.words.slice(0, words.count))).toBe('a')
    words.guess(said('a storms came', 0, 0.4))
    expect(textOf(words.words.slice(0, words.count))).toBe('a storms')
  })

  it('are not committed out of a second of speech, however often they are heard', () => {
    const words = createCommittedWords()
    for (const heardMs of [900, 1100, 1199]) words.guess(said('man the coat'), { heardMs })
    expect(words.count).toBe(0)
    words.guess(said('mend the coat'), { heardMs: 1500 })
    words.guess(said('mend the coat'), { heardMs: 1900 })
    expect(words.count).toBe(2)
  })

  it('of a second of speech are committed where silence follows', () => {
    const words = createCommittedWords()
    words.guess(said('oh no'), { heardMs: 1000, settledMs: 1000 })
    expect(words.count).toBe(2)
  })

  it('go on behind what is committed where guess after guess does not have it', () => {
    const words = after('and the quick', 'and the quick')
    const others = [...said('a b c'), ...said('brown fox', 3 * WORD_MS)]
    words.guess(others)
    expect(textOf(words.words)).toBe('and the quick')
    words.guess(others)
    expect(textOf(words.words)).toBe('and the c brown fox')
  })

  it('are drafted for the next guess as this one spelled them', () => {
    const words = after('The quick brown', 'The quick brown', 'the quick, brown')
    expect(textOf(words.words)).toBe('The quick brown')
    expect(textOf(words.draft(0))).toBe('the quick, brown')
    expect(textOf(words.draft(1))).toBe('quick, brown')
    words.guess(said('quick, brown fox', WORD_MS), { fromWord: 1 })
    expect(textOf(words.draft(0))).toBe('The quick, brown fox')
  })

  it('are not committed by guesses that agree, but not in a row', () => {
    expect(after('the quick fox', 'a slow fox', 'the quick fox').count).toBe(0)
  })

  it('are committed at once, the last one too, where silence follows them', () => {
    const words = createCommittedWords()
    words.guess(said('the quick fox'), { settledMs: 3 * WORD_MS })
    expect(words.count).toBe(3)
    const partly = createCommittedWords()
    partly.guess(said('the quick fox'), { settledMs: 2 * WORD_MS })
    expect(partly.count).toBe(2)
  })

  it('are not committed by a guess that is not sure, silence or not', () => {
    const words = after('the quick fox')
    words.guess(said('the quick fox jumps'), { isSure: false, settledMs: 9000 })
    expect(words.count).toBe(0)
    expect(textOf(words.words)).toBe('the quick fox jumps')
  })

  it('stay where they are committed, and the rest follows where the next guess has it', () => {
    const words = after('we all live in', 'we all live in a')
    expect(words.count).toBe(4)
    words.guess(said('we all leave in a yellow'))
    expect(textOf(words.words)).toBe('we all live in a yellow')
    expect(words.count).toBe(5)
  })

  it('are continued by a guess that begins within them, also with a torn word', () => {
    const words = after('ask not what your country can', 'ask not what your country can do')
    expect(words.count).toBe(6)
    words.guess(said('t your country can do for you', 3 * WORD_MS), { fromWord: 3 })
    expect(textOf(words.words)).toBe('ask not what your country can do for you')
    expect(words.count).toBe(7)
  })

  it('stay as they are where a guess is about something else', () => {
    const words = after('ask not what your country can', 'ask not what your country can do')
    words.guess(said('Hmm!'))
    expect(textOf(words.words)).toBe('ask not what your country can do')
    expect(words.count).toBe(6)
  })
})

describe('the final', () => {
  const committed = () => after('we all live in a', 'we all live in a yellow')

  it('writes the committed words, and says what follows them', () => {
    const words = committed().complete(said('We all live in a yellow submarine.', 50))
    expect(textOf(words)).toBe('We all live in a yellow submarine.')
  })

  it('places a word where most decodes heard it, whatever one of them says', () => {
    const words = createCommittedWords()
    for (const atMs of [0, 20, 900, 40]) words.guess(said('we all live', atMs))
    const final = words.complete(said('We all live.', 30))
    expect(final[0]).toMatchObject({ startMs: 30, endMs: 30 + WORD_MS })
    // Nobody but the final has heard the last word whole.
    expect(final[2]?.startMs).toBe(30 + 2 * WORD_MS)
  })

  it('places a word where an aligned decode has it', () => {
    const words = createCommittedWords()
    for (const atMs of [0, 20, 40]) words.guess(said('we all live', atMs))
    expect(words.complete(said('We all live.', 300), true)[0]?.startMs).toBe(300)
  })

  it('changes no letter of the committed words where it heard others', () => {
    const words = committed().complete(said('We all leave in the yellow submarine.'))
    expect(lettersOf(words).slice(0, 4)).toEqual(['we', 'all', 'live', 'in'])
    expect(textOf(words).endsWith('yellow submarine.')).toBe(true)
  })

  it('neither doubles nor loses words where it joins or parts committed ones', () => {
    const words = after('the real time code is', 'the real time code is good')
    expect(words.count).toBe(5)
    expect(textOf(words.complete(said('The real-time code is good.')))).toBe(
      'The real time code is good.',
    )
  })

  it('is the committed words where it heard nothing, and itself where none are committed', () => {
    expect(textOf(committed().complete([]))).toBe('we all live in a')
    expect(textOf(after('hm').complete(said('Good morning.')))).toBe('Good morning.')
  })

  it('goes on by time where the letters do not tell', () => {
    const words = committed().complete(said('x q z k v green submarine'))
    expect(textOf(words)).toBe('we all live in a green submarine')
  })
})

describe('words that are split', () => {
  it('go with the stretch that they lie in, but for those that are committed', () => {
    const first = after('one two', 'one two three four')
    const rest = first.splitAt(2 * WORD_MS)
    expect(first.count).toBe(2)
    expect(textOf(first.words)).toBe('one two')
    expect(textOf(rest.words)).toBe('three four')
    expect(rest.count).toBe(0)
    const second = after('one two three four', 'one two three four five')
    expect(textOf(second.splitAt(2 * WORD_MS).words)).toBe('five')
    expect(textOf(second.words)).toBe('one two three four')
  })

  it('leave nothing for the next stretch where all are before, the last on the very end too', () => {
    const first = createCommittedWords()
    const atEnd = { text: 'end.', startMs: 2 * WORD_MS, endMs: 2 * WORD_MS, confidence: 1 }
    first.guess([...said('the very'), atEnd], { settledMs: 2 * WORD_MS })
    const rest = first.splitAt(2 * WORD_MS)
    expect(rest.words).toEqual([])
    expect(rest.count).toBe(0)
    expect(first.count).toBe(3)
  })
})

describe('committed words, whatever is guessed', () => {
  // Few words and short ones, so that guesses agree now and then and take after each other.
  const words = fc.array(
    fc.constantFrom('a', 'an', 'ant', 'Real', 'time', 'Realtime', 'go,', 'Go.'),
    {
      maxLength: 8,
    },
  )
  const guesses = fc.array(
    fc.record({
      words,
      fromWord: fc.nat({ max: 4 }),
      settledMs: fc.option(fc.nat({ max: 2400 }), { nil: undefined }),
      isSure: fc.boolean(),
      confidence: fc.constantFrom(0.3, 0.5, 0.8, 0.95),
    }),
    { maxLength: 10 },
  )

  function guessAll(all: typeof guesses extends fc.Arbitrary<infer T> ? T : never) {
    const committed = createCommittedWords()
    const seen: string[][] = []
    for (const { words: texts, fromWord, settledMs, isSure, confidence } of all) {
      committed.guess(said(texts.join(' '), 0, confidence), {
        fromWord: Math.min(fromWord, committed.count),
        isSure,
        ...(settledMs !== undefined && { settledMs }),
      })
      seen.push(lettersOf(committed.words.slice(0, committed.count)))
    }
    return { committed, seen }
  }

  it('never change and never become fewer', () => {
    fc.assert(
      fc.property(guesses, (all) => {
        const { seen } = guessAll(all)
        for (const [i, now] of seen.entries()) {
          const before = seen[i - 1] ?? []
          expect(now.slice(0, before.length)).toEqual(before)
        }
      }),
    )
  })

  it('begin the final, in order of time', () => {
    fc.assert(
      fc.property(guesses, words, (all, final) => {
        const { committed, seen } = guessAll(all)
        const done = committed.complete(said(final.join(' ')))
        const known = seen.at(-1) ?? []
        expect(lettersOf(done).slice(0, known.length)).toEqual(known)
        const starts = done.map(({ startMs }) => startMs)
        expect(starts).toEqual(starts.toSorted((a, b) => a - b))
      }),
    )
  })

  it('are all in one of the two stretches that they are split into', () => {
    fc.assert(
      fc.property(guesses, fc.nat({ max: 2400 }), (all, atMs) => {
        const { committed } = guessAll(all)
        const before = committed.words
        const { count } = committed
        const rest = committed.splitAt(atMs)
        expect([...committed.words, ...rest.words]).toEqual(before)
        expect(committed.count + rest.count).toBe(count)
      }),
    )
  })
})
