import type { ScriptedWord } from '@saywire/speech/testing'
import type { ParsedCue } from '../../src/files/testing/parse-subtitles.ts'

/** How captions differ from what was said. Nothing but zeros is perfect. */
export interface WordFaults {
  readonly wanted: number
  readonly got: number
  readonly lost: number
  readonly doubled: number
  readonly misordered: number
  /** Words that nobody said: torn ones, mostly. */
  readonly invented: number
  /** By which a word's beginning or end is off at most, ms. */
  readonly offMs: number
}

type TimedWord = Pick<ScriptedWord, 'text' | 'startMs' | 'endMs'>

/** @param heard words of all finals, in the order in which they came */
export function compareWords(
  script: readonly ScriptedWord[],
  heard: readonly TimedWord[],
): WordFaults {
  const placeOf = new Map(script.map(({ text }, place) => [text, place]))
  const seen = new Set<number>()
  let doubled = 0
  let misordered = 0
  let invented = 0
  let offMs = 0
  let latest = -1
  for (const word of heard) {
    const place = placeOf.get(word.text.toLowerCase())
    const wanted = place === undefined ? undefined : script[place]
    if (place === undefined || !wanted) {
      invented += 1
      continue
    }
    if (seen.has(place)) doubled += 1
    else if (place < latest) misordered += 1
    seen.add(place)
    latest = Math.max(latest, place)
    offMs = Math.max(
      offMs,
      Math.abs(word.startMs - wanted.startMs),
      Math.abs(word.endMs - wanted.endMs),
    )
  }
  const lost = script.length - seen.size
  const wanted = script.length
  return { wanted, got: heard.length, lost, doubled, misordered, invented, offMs }
}

/** How a file of subtitles differs from that of the unbroken run. */
export interface CueFaults {
  /** Each cue begins where the one before it ends, or later. */
  readonly isMonotonic: boolean
  /** By which a cue's beginning or end is off at most, ms. */
  readonly offMs: number
}

/**
 * Where both files cut the text alike, cue is held against cue. Engines may cut it elsewhere after
 * a fault; such a border is held against the time of the word that it lies at.
 */
export function compareCues(
  script: readonly ScriptedWord[],
  unbroken: readonly ParsedCue[],
  cues: readonly ParsedCue[],
): CueFaults {
  const wordAt = new Map(script.map((word) => [word.text, word]))
  const starts = new Map(unbroken.map((cue) => [wordsOf(cue).at(0), cue.startMs]))
  const ends = new Map(unbroken.map((cue) => [wordsOf(cue).join(' '), cue.endMs]))
  let offMs = 0
  for (const cue of cues) {
    const words = wordsOf(cue)
    const startMs = starts.get(words.at(0)) ?? wordAt.get(words.at(0) ?? '')?.startMs
    const endMs = ends.get(words.join(' '))
    if (startMs !== undefined) offMs = Math.max(offMs, Math.abs(cue.startMs - startMs))
    if (endMs !== undefined) offMs = Math.max(offMs, Math.abs(cue.endMs - endMs))
  }
  const isMonotonic = cues.every(({ startMs, endMs }, i) => {
    return endMs > startMs && startMs >= (cues[i - 1]?.endMs ?? 0)
  })
  return { isMonotonic, offMs }
}

function wordsOf({ lines }: ParsedCue): string[] {
  return lines.join(' ').toLowerCase().split(' ')
}
