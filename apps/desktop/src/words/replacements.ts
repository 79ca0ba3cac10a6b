import type { Settings } from '../settings/settings.ts'
import { createPhraseScanner } from './phrase-scanner.ts'
import type { TextEdit } from './text-edits.ts'

type Replacement = Settings['words']['replacements'][number]

/**
 * Compiles the user's replacements. Where two match at the same place the longer one is taken; what
 * was put in is not looked at again, so that rules cannot run in a circle.
 */
export function createReplacer(replacements: readonly Replacement[]): (text: string) => TextEdit[] {
  const scan = createPhraseScanner(
    replacements.map(({ from, to, matchCase }) => ({ text: from, matchCase, value: to })),
  )
  return (text) =>
    scan(text).map(({ start, end, value }) => ({
      start,
      end,
      replacement: startsSentence(text, start) ? withCapitalOf(text.slice(start), value) : value,
    }))
}

/** The beginning, or after a full stop, a question or an exclamation. */
export function startsSentence(text: string, at: number): boolean {
  return /(^|[.!?…。！？]["'”’)\]]*\s)\s*["'“‘(¿¡[]*$/u.test(text.slice(Math.max(0, at - 12), at))
}

/** A name keeps the letters that the user gave it (`iPhone`); other words begin like the original. */
export function withCapitalOf(original: string, text: string): string {
  const first = /^./u.exec(original)?.[0] ?? ''
  const firstWord = /^\S*/.exec(text)?.[0] ?? ''
  if (first === first.toLowerCase() || firstWord !== firstWord.toLowerCase()) return text
  return capitalised(text)
}

export function capitalised(text: string): string {
  return text.replace(/^./u, (first) => first.toUpperCase())
}
