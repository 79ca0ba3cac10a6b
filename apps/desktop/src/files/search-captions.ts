import type { Caption } from './caption.ts'
import { plainText } from './caption.ts'

/** Characters of context on each side of what was found. */
const CONTEXT = 60

/** A place in a session, to be shown as `before` + **`match`** + `after`. */
export interface Snippet {
  readonly before: string
  readonly match: string
  readonly after: string
  /** When the caption began in which it was found, in ms on the capture clock. */
  readonly atMs: number
}

/** Upper and lower case, accents and the number of spaces do not matter. */
export function foldText(text: string): string {
  return plainText(text)
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
}

/** The text that is searched: a phrase is also found across two captions. */
export function searchableText(captions: readonly Caption[]): string {
  return captions.map(({ text }) => foldText(text)).join(' ')
}

/**
 * The first place at which the captions say the query, which must not be empty. `undefined` where
 * they do not.
 */
export function findInCaptions(captions: readonly Caption[], query: string): Snippet | undefined {
  const wanted = foldText(query)
  const found = searchableText(captions).indexOf(wanted)
  if (found === -1) return undefined
  const text = captions.map((caption) => plainText(caption.text)).join(' ')
  const [start, end] = unfold(text, found, found + wanted.length)
  return {
    before: (start > CONTEXT ? '…' : '') + text.slice(Math.max(0, start - CONTEXT), start),
    match: text.slice(start, end),
    after: text.slice(end, end + CONTEXT) + (end + CONTEXT < text.length ? '…' : ''),
    atMs: captionAt(captions, start)?.startMs ?? 0,
  }
}

/** The places in the text that folding has moved to `start` and `end`. */
function unfold(text: string, start: number, end: number): [number, number] {
  const places: number[] = []
  let position = 0
  for (const character of text) {
    const folded = character
      .normalize('NFD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
    for (let count = 0; count < folded.length; count += 1) places.push(position)
    position += character.length
  }
  return [places[start] ?? text.length, places[end] ?? text.length]
}

function captionAt(captions: readonly Caption[], place: number): Caption | undefined {
  let end = 0
  return captions.find((caption) => {
    end += plainText(caption.text).length + 1
    return place < end
  })
}
