import { wordsEnd } from './committed-text.ts'
import type { FinalEvent, InterimEvent } from './speech-event.ts'

/**
 * What is left of an engine's words when those are taken away that lie before `horizonMs`: another
 * engine has said them already, and this one heard them again for context. A word lies where its
 * middle is, since no two engines agree to the ms on where it begins. Undefined where that is
 * everything, unless an empty final is left that takes back an interim.
 */
export function wordsFrom<Event extends InterimEvent | FinalEvent>(
  event: Event,
  horizonMs: number,
): Event | undefined {
  if (event.startMs >= horizonMs) return event
  if (event.endMs <= horizonMs) return undefined
  // Without words nobody can tell where to cut: it belongs to the side that has more of it.
  const isWordless = event.words.length === 0 && event.text !== ''
  if (isWordless && horizonMs - event.startMs > event.endMs - horizonMs) return undefined
  const words = event.words.flatMap((word) => {
    const isNew = (word.startMs + word.endMs) / 2 >= horizonMs
    return isNew ? [{ ...word, startMs: Math.max(horizonMs, word.startMs) }] : []
  })
  const text = textAfter(event, event.words.length - words.length)
  if (text === '' && event.type === 'interim') return undefined
  const left = { ...event, text, words, startMs: horizonMs }
  if (left.type === 'final' || left.committedWords === undefined) return left
  const gone = event.words.length - words.length
  return { ...left, committedWords: Math.max(0, left.committedWords - gone) }
}

/** The text without its first words, as the engine wrote it: with its spaces and punctuation. */
function textAfter({ text, words }: InterimEvent | FinalEvent, count: number): string {
  const end = wordsEnd(text, words.slice(0, count))
  if (end !== undefined) return text.slice(end).trim()
  return words
    .slice(count)
    .map((left) => left.text)
    .join(' ')
}
