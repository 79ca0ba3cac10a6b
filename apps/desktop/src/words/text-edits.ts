import type { Word } from '@saywire/speech'

/** `text.slice(start, end)` is replaced by `replacement`. Edits are in order and never overlap. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let from = 0
  for (const { start, end, replacement } of edits) {
    result += text.slice(from, start) + replacement
    from = end
  }
  return result + text.slice(from)
}

/**
 * The same edits on the words that make up the text, `words.join(' ')`. Where an edit touches
 * several words, what takes their place shares their time by length.
 */
export function applyEditsToWords(words: readonly Word[], edits: readonly TextEdit[]): Word[] {
  const result: Word[] = []
  let position = 0
  let nextEdit = 0
  for (let index = 0; index < words.length;) {
    const start = position
    const touched: Word[] = []
    const inside: TextEdit[] = []
    // One word, and every word after it that an edit ties to it.
    let end = start
    do {
      const word = words[index]
      if (!word) break
      if (touched.length > 0) end += 1
      touched.push(word)
      end += word.text.length
      index += 1
      // An edit at the word's very end takes the space away that parts it from the next.
      for (let edit = edits[nextEdit]; edit && edit.start <= end; edit = edits[nextEdit]) {
        inside.push(edit)
        nextEdit += 1
      }
    } while ((inside.at(-1)?.end ?? 0) > end)
    position = end + 1
    result.push(...(inside.length === 0 ? touched : rewritten(touched, start, inside)))
  }
  return result
}

function rewritten(words: readonly Word[], start: number, edits: readonly TextEdit[]): Word[] {
  const local = edits.map((edit) => ({
    ...edit,
    start: edit.start - start,
    end: edit.end - start,
  }))
  const text = applyEdits(words.map((word) => word.text).join(' '), local)
  const texts = text.split(/\s+/u).filter((part) => part !== '')
  if (texts.length === words.length) {
    return words.map((word, index) => ({ ...word, text: texts[index] ?? '' }))
  }
  let kept = 0
  // The last word is never kept alone: what was put behind it needs its time.
  while (kept < words.length - 1 && texts[kept] === words[kept]?.text) kept += 1
  const [first, last] = [words[kept], words.at(-1)]
  if (!first || !last) return words.slice(0, kept)
  const confidence = Math.min(...words.map((word) => word.confidence))
  const shared = shareTime(texts.slice(kept), first.startMs, last.endMs)
  return [
    ...words.slice(0, kept),
    ...shared.map(({ text, startMs, endMs }) => ({ text, startMs, endMs, confidence })),
  ]
}

/** Times for texts that were said one after another: each gets its share by length. */
export function shareTime(
  texts: readonly string[],
  startMs: number,
  endMs: number,
): { text: string; startMs: number; endMs: number }[] {
  const total = texts.reduce((sum, text) => sum + text.length, 0)
  let before = 0
  const at = () => Math.round(startMs + ((endMs - startMs) * before) / Math.max(total, 1))
  return texts.map((text) => {
    const from = at()
    before += text.length
    return { text, startMs: from, endMs: at() }
  })
}
