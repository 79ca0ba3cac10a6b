import { capitalised, startsSentence } from './replacements.ts'
import type { TextEdit } from './text-edits.ts'
import { applyEdits } from './text-edits.ts'

/** Signs count: an emoji or a note says something. */
const HAS_WORDS = /[\p{L}\p{N}\p{S}*]/u
const PAUSE_AFTER = /^\s*[,;:،؛]/u
const PAUSE_BEFORE = /[,;:،؛]\s*$/u
const SENTENCE_END_AFTER = /^\s*[.!?…؟۔।]+["'”’)\]]*/u
const HYPHENS_AFTER = /^[-‐‑–—]+/u
const HYPHENS_BEFORE = /(?<=[\p{L}\p{M}\p{N}])[-‐‑]+$/u
const OPENING = /["'“‘([]$/u
const CLOSING = /^[,.!?…]*["'”’)\]]/u

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
    const next = edits.find(({ start }) => start >= edit.end)
    result.push(edit.replacement === '' ? widened(text, edit, result.at(-1), next?.start) : edit)
  }
  return result
}

/** Removals with nothing but spaces and pauses between them are one. */
function joinNeighbours(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const result: TextEdit[] = []
  for (const edit of edits) {
    const last = result.at(-1)
    const removals = last?.replacement === '' && edit.replacement === ''
    if (last && removals && /^[\s,;:،؛]*$/u.test(text.slice(last.end, edit.start))) {
      result[result.length - 1] = { ...last, end: edit.end }
    } else result.push(edit)
  }
  return result
}

function widened(
  text: string,
  edit: TextEdit,
  last: TextEdit | undefined,
  nextStart = text.length,
): TextEdit {
  const freeFrom = last?.end ?? 0
  let { start, end } = withWhatHangsOn(text, edit, freeFrom, nextStart)
  const before = text.slice(freeFrom, start)
  const after = text.slice(end, nextStart)
  const isFirst = startsSentence(text, start)
  const pauseAfter = PAUSE_AFTER.exec(after)?.[0].length ?? 0
  if (pauseAfter > 0 && (isFirst || PAUSE_BEFORE.test(before))) end += pauseAfter
  // Nothing is left of this sentence.
  if (isFirst) end += SENTENCE_END_AFTER.exec(text.slice(end, nextStart))?.[0].length ?? 0
  const rest = text.slice(end, nextStart)
  const spaceAfter = /^\s*/u.exec(rest)?.[0].length ?? 0
  const followsRemoval = () => last?.replacement === '' && last.end === start
  // The sentence ends here: a pause before its end has nothing to part any more.
  if (/^\s*[.!?…؟۔।]/u.test(rest) || (nextStart === text.length && rest.trim() === '')) {
    start -= /[,;:،؛]?\s*$/u.exec(before)?.[0].length ?? 0
    if (followsRemoval()) end += spaceAfter
    return { start, end, replacement: '' }
  }
  const spaceBefore = /\s*$/u.exec(before)?.[0].length ?? 0
  if (spaceBefore > 0 || start === 0 || followsRemoval()) end += spaceAfter
  const nextWord = /^\S*/u.exec(text.slice(end, nextStart))?.[0] ?? ''
  const [nextLetter = ''] = nextWord
  const wasCapital = /^\p{Lu}/u.test(text.slice(edit.start))
  // A name that begins small (`iPhone`) stays as it is.
  const isName = nextWord !== nextWord.toLowerCase()
  if (isFirst && wasCapital && !isName && /\p{Ll}/u.test(nextLetter)) {
    return { start, end: end + nextLetter.length, replacement: capitalised(nextLetter) }
  }
  return { start, end, replacement: '' }
}

/** Also its hyphen, and the quotes or brackets that hold nothing else. */
function withWhatHangsOn(text: string, edit: TextEdit, freeFrom: number, nextStart: number) {
  let { start, end } = edit
  const before = text.slice(freeFrom, start)
  const hyphensAfter = HYPHENS_AFTER.exec(text.slice(end, nextStart))?.[0].length ?? 0
  const hyphensBefore = HYPHENS_BEFORE.exec(before)?.[0].length ?? 0
  if (hyphensAfter > 0) end += hyphensAfter
  else start -= hyphensBefore
  const closing = CLOSING.exec(text.slice(end, nextStart))?.[0].length ?? 0
  return closing > 0 && OPENING.test(text.slice(freeFrom, start))
    ? { start: start - 1, end: end + closing }
    : { start, end }
}
