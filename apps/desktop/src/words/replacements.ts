import type { Settings } from '../settings/settings.ts'
import { createPhraseScanner } from './phrase-scanner.ts'
import type { TextEdit } from './text-edits.ts'

type Replacement = Settings['words']['replacements'][number]

/**
 * Compiles the user's replacements. Where two match at the same place the longer one is taken; what
 * was put in is not looked at again, so that rules cannot run in a circle.
 */
export function createReplacer(replacements: readonly Replacement[]): (text: string) => TextEdit[] {
  const scan = createPhraseScanner([
    ...replacements.map(({ from, to, matchCase }) => ({
      text: from,
      matchCase,
      value: { to, kept: 0 },
    })),
    ...replacements.filter(isForName).map(({ from, to, matchCase }) => ({
      text: from + POSSESSIVE,
      matchCase,
      value: { to, kept: POSSESSIVE.length },
    })),
  ])
  return (text) =>
    scan(text)
      .filter(({ start, end, value }) => value.to !== '' || !isPartOfCompound(text, start, end))
      .map(({ start, end, value: { to, kept } }) => ({
        start,
        end: end - kept,
        replacement: startsSentence(text, start) ? withCapitalOf(text.slice(start), to) : to,
      }))
}

const POSSESSIVE = "'s"

/** Only a name has a capital and a possessive: `it's` and `let's` are other words. */
function isForName({ to }: Replacement): boolean {
  return /\p{Lu}/u.test(to) && /\p{L}$/u.test(to)
}

/** `uh-huh` does not lose its `uh`. */
function isPartOfCompound(text: string, start: number, end: number): boolean {
  return (
    /[\p{L}\p{M}\p{N}][-‐‑]$/u.test(text.slice(Math.max(0, start - 3), start)) ||
    /^[-‐‑][\p{L}\p{N}]/u.test(text.slice(end, end + 3))
  )
}

/** The beginning, or after a full stop, a question or an exclamation. */
export function startsSentence(text: string, at: number): boolean {
  return /(^|[.!?…。！？؟۔।]["'”’)\]]*\s)\s*["'“‘(¿¡[]*$/u.test(
    text.slice(Math.max(0, at - 12), at),
  )
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
