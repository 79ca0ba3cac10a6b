import type { Transcript, Word } from '@saywire/speech'
import { shareTime } from '../words/text-edits.ts'

/** One final as files hold it. Times are ms on the clock of the file that it is in. */
export type Caption = Pick<Transcript, 'text' | 'startMs' | 'endMs' | 'words'>

/** A part of a caption's text that is never broken, with its time. */
export type TimedText = Pick<Word, 'text' | 'startMs' | 'endMs'>

/** From a recording's first to its last moment, in ms on the capture clock. */
export interface RecordingSpan {
  readonly startMs: number
  /** Left out while it runs. */
  readonly endMs?: number | undefined
}

/** On one line, without control characters. */
export function plainText(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}

/**
 * The caption's text in pieces without spaces. Their times are those of its words where these are
 * the text; an engine that formats the text as a whole leaves only shares by length.
 */
export function timedTexts(caption: Caption): TimedText[] {
  const texts = plainText(caption.text)
    .split(' ')
    .filter((text) => text !== '')
  const words = caption.words.filter(({ text }) => plainText(text) !== '')
  const same =
    words.length === texts.length && words.every((word, i) => plainText(word.text) === texts[i])
  if (!same) return shareTime(texts, caption.startMs, Math.max(caption.startMs, caption.endMs))
  return words.map(({ startMs, endMs }, index) => ({ text: texts[index] ?? '', startMs, endMs }))
}

/**
 * What of a caption belongs into a recording, on the recording's clock: the words of which the
 * greater part was said while it ran. Undefined where there is none.
 */
export function captionInRecording(caption: Caption, span: RecordingSpan): Caption | undefined {
  const endMs = span.endMs ?? Infinity
  const isInside = (part: TimedText) => {
    const middleMs = (part.startMs + part.endMs) / 2
    return middleMs >= span.startMs && middleMs < endMs
  }
  const shifted = (ms: number) => Math.max(0, ms - span.startMs)
  const parts = timedTexts(caption)
  const inside = parts.filter(isInside)
  const [first, last] = [inside[0], inside.at(-1)]
  if (!first || !last) return undefined
  const words = caption.words.filter(isInside).map((word) => ({
    text: word.text,
    startMs: shifted(word.startMs),
    endMs: shifted(word.endMs),
    confidence: word.confidence,
  }))
  return inside.length === parts.length
    ? { ...caption, words, startMs: shifted(caption.startMs), endMs: shifted(caption.endMs) }
    : {
        text: inside.map(({ text }) => text).join(' '),
        words,
        startMs: shifted(first.startMs),
        endMs: shifted(last.endMs),
      }
}
