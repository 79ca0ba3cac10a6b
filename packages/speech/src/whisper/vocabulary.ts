import type { TranscribeConfig } from '@saywire/protocol'

/** `term:boost`, as Deepgram's `keywords` are written. */
const BOOSTED = /^(.+):(-?\d+(?:\.\d+)?)$/

/**
 * Names and terms that a user expects to be said, the most important first, each once: `keyterm` as
 * it is listed, then `keywords` by their boost. A boost of 0 or less asks for the term to be heard
 * less often, which Whisper cannot be told.
 */
export function vocabularyOf({ keyterm = [], keywords = [] }: TranscribeConfig): readonly string[] {
  const boosted = keywords
    .map(parseKeyword)
    .filter(({ boost }) => boost > 0)
    .toSorted((a, b) => b.boost - a.boost)
  const terms = [...keyterm, ...boosted.map(({ term }) => term)].map(oneLine).filter(Boolean)
  const seen = new Set<string>()
  return terms.filter((term) => {
    const same = term.toLowerCase()
    return !seen.has(same) && seen.add(same)
  })
}

function parseKeyword(keyword: string): { term: string; boost: number } {
  const [, term = keyword, boost = '1'] = BOOSTED.exec(keyword) ?? []
  return { term, boost: Number(boost) }
}

/** A line break would be read as the end of the list. */
function oneLine(term: string): string {
  return term.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
}
