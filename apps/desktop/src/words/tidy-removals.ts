import { capitalised, startsSentence } from './replacements.ts'
import type { TextEdit } from './text-edits.ts'
import { applyEdits } from './text-edits.ts'

const HAS_WORDS = /[\p{L}\p{N}*]/u
const PAUSE_AFTER = /^\s*[,;:]/u
const PAUSE_BEFORE = /[,;:]\s*$/u

/**
 * Widens the edits that remove words, so that what stays is a sentence again: no doubled spaces, no
 * comma without a word before it, a capital where the sentence now begins. A text of which only
 * punctuation is left goes altogether.
 */
export function tidyRemovals(text: string, edits: readonly TextEdit[]): TextEdit[] {
  if (!HAS_WORDS.test(applyEdits(text, edits))) {
    return [{ start: 0, end: text.length, replacement: '' }]
  }
  const result: TextEdit[] = []
  for (const edit of joinNeighbours(text, edits)) {
    const before = text.slice(result.at(-1)?.end ?? 0, edit.start)
    const next = edits.find(({ start }) => start >= edit.end)
    result.push(edit.replacement === '' ? widened(text, edit, before, next?.start) : edit)
  }
  return result
}

/** Removals with nothing but spaces and pauses between them are one. */
function joinNeighbours(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const result: TextEdit[] = []
  for (const edit of edits) {
    const last = result.at(-1)
    const removals = last?.replacement === '' && edit.replacement === ''
    if (last && removals && /^[\s,;:]*$/u.test(text.slice(last.end, edit.start))) {
      result[result.length - 1] = { ...last, end: edit.end }
    } else result.push(edit)
  }
  return result
}

function widened(text: string, edit: TextEdit, before: string, nextStart = text.length): TextEdit {
  let { start, end } = edit
  const after = text.slice(end, nextStart)
  const isFirst = startsSentence(text, start)
  const pauseAfter = PAUSE_AFTER.exec(after)?.[0].length ?? 0
  if (pauseAfter > 0 && (isFirst || PAUSE_BEFORE.test(before))) end += pauseAfter
  const rest = text.slice(end, nextStart)
  // The sentence ends here: a pause before its end has nothing to part any more.
  if (/^\s*[.!?…]/u.test(rest) || (nextStart === text.length && rest.trim() === '')) {
    start -= /[,;:]?\s*$/u.exec(before)?.[0].length ?? 0
    return { start, end, replacement: '' }
  }
  const spaceAfter = /^\s*/u.exec(rest)?.[0].length ?? 0
  const spaceBefore = /\s*$/u.exec(before)?.[0].length ?? 0
  if (spaceBefore > 0 || start === 0) end += spaceAfter
  const [nextLetter = ''] = text.slice(end, nextStart)
  const wasCapital = /^\p{Lu}/u.test(text.slice(edit.start))
  if (isFirst && wasCapital && /\p{Ll}/u.test(nextLetter)) {
    return { start, end: end + nextLetter.length, replacement: capitalised(nextLetter) }
  }
  return { start, end, replacement: '' }
}
