import { writeScript } from '@saywire/speech/testing'
import { describe, expect, it } from 'vitest'
import { compareCues, compareWords } from './heard-words.ts'

const { words } = writeScript({ seed: 3, durationMs: 9000 })
const perfect = { lost: 0, doubled: 0, misordered: 0, invented: 0, offMs: 0 }

describe('the comparison of words', () => {
  it('finds nothing where all is as it was said, but for capitals', () => {
    const heard = words.map((word) => ({ ...word, text: word.text.toUpperCase() }))
    expect(compareWords(words, heard)).toMatchObject({ ...perfect, got: words.length })
  })

  it.each<[string, typeof words, Partial<typeof perfect>]>([
    ['lost', words.toSpliced(4, 1), { lost: 1 }],
    ['doubled', words.toSpliced(4, 0, ...words.slice(2, 5)), { doubled: 3 }],
    ['swapped', [...words.slice(1, 2), ...words.slice(0, 1), ...words.slice(2)], { misordered: 1 }],
    [
      'torn',
      words.map((word, i) => (i === 4 ? { ...word, text: 'cut' } : word)),
      { lost: 1, invented: 1 },
    ],
    [
      'late',
      words.map((word, i) => (i === 4 ? { ...word, endMs: word.endMs + 70 } : word)),
      { offMs: 70 },
    ],
  ])('finds a word that is %s', (_what, heard, found) => {
    expect(compareWords(words, heard)).toMatchObject({ ...perfect, ...found })
  })
})

describe('the comparison of subtitles', () => {
  const [first, second] = [words.slice(0, 3), words.slice(3, 6)]
  const cueOf = (said: typeof words, byMs = 0) => ({
    startMs: (said[0]?.startMs ?? 0) + byMs,
    endMs: (said.at(-1)?.endMs ?? 0) + byMs,
    lines: [said.map(({ text }) => text).join(' ')],
  })
  const unbroken = [cueOf(first), cueOf(second)]

  it('finds by how much a cue has moved, and one that overlaps', () => {
    expect(compareCues(words, unbroken, unbroken)).toEqual({ isMonotonic: true, offMs: 0 })
    const moved = [cueOf(first), cueOf(second, 80)]
    expect(compareCues(words, unbroken, moved)).toEqual({ isMonotonic: true, offMs: 80 })
    const swapped = [cueOf(second), cueOf(first)]
    expect(compareCues(words, unbroken, swapped).isMonotonic).toBe(false)
  })

  it('takes another border between cues for what it is', () => {
    const cut = [cueOf(words.slice(0, 2)), cueOf(words.slice(2, 6))]
    expect(compareCues(words, unbroken, cut)).toEqual({ isMonotonic: true, offMs: 0 })
  })
})
