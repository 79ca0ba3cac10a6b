/** With more of its letters wrong than this a guess is about something else. */
const MOST_WRONG = 0.5

/**
 * Where in a guess the words end that are known already, as the number of its words before that;
 * undefined where it does not hold them. Both are aligned by the letters of the words, with the fewest
 * changes (edit distance), so that "real time" finds "real-time" and "Stuffered" its "Stuff it".
 * @param isFromStart the guess begins where the known words do; else it may begin somewhere in them, with
 *   a word that is torn or made up
 */
export function knownWordsEnd(
  known: readonly string[],
  guess: readonly string[],
  isFromStart: boolean,
): number | undefined {
  const wanted = known.join('')
  if (wanted === '') return 0
  const heard = guess.join('')
  const last = lastRow(wanted, heard, isFromStart ? 1 : 0.5)
  const wordEnds = new Set<number>()
  for (let i = 0, at = 0; i < guess.length; i++) wordEnds.add((at += (guess[i] as string).length))
  let end = 0
  for (let j = 1; j <= heard.length; j++) {
    const [cost, least] = [last[j] as number, last[end] as number]
    // Of equal ones the last that ends a word: "do not" is all of "don't", and "American, ask" has its "Americans"
    // without the next word's "as". Else the last: a letter more than was known still belongs to its word.
    if (cost < least || (cost === least && (wordEnds.has(j) || !wordEnds.has(end)))) end = j
  }
  if ((last[end] as number) > MOST_WRONG * wanted.length) return undefined
  return wordsBefore(guess, end)
}

/** The letters of each word. */
export function lettersOf(words: readonly { readonly text: string }[]): string[] {
  return words.map(({ text }) => letters(text))
}

/** A word without its case and punctuation. */
export function letters(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}]/gu, '')
  return plain === '' ? text : plain
}

/** Cost of `wanted` against each beginning of `heard`. */
function lastRow(wanted: string, heard: string, skipCost: number): Float64Array {
  let row = Float64Array.from({ length: heard.length + 1 }, (_, j) => j * skipCost)
  for (let i = 1; i <= wanted.length; i++) {
    const next = new Float64Array(heard.length + 1)
    next[0] = i * skipCost
    for (let j = 1; j <= heard.length; j++) {
      const change = (row[j - 1] as number) + (wanted[i - 1] === heard[j - 1] ? 0 : 1)
      next[j] = Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1)
    }
    row = next
  }
  return row
}

/** The word that holds the position counts if most of it lies before. */
function wordsBefore(words: readonly string[], position: number): number {
  let at = 0
  for (const [index, word] of words.entries()) {
    if (at + word.length / 2 >= position) return index
    at += word.length
  }
  return words.length
}
