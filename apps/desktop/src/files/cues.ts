import stringWidth from 'string-width'
import type { Caption, TimedText } from './caption.ts'
import { timedTexts } from './caption.ts'

/** The common limits of subtitles: what can be read, and what fits above a picture. */
export const CUE_LINE_COLUMNS = 42
export const CUE_LINES = 2
export const CUE_MS_MAX = 7000
/** A cue stays at least so long where nothing follows that soon. */
export const CUE_MS_MIN = 1000
/** The shortest cue there is, where words come too fast for `CUE_MS_MIN`. */
const CUE_MS_FLOOR = 100

export interface Cue {
  readonly startMs: number
  readonly endMs: number
  readonly lines: readonly string[]
}

/**
 * Turns captions into subtitle cues, one caption at a time, as they come: the cues of one builder
 * start in order and never overlap. A cue may come later than its words, by about `CUE_MS_MIN` at
 * most, where the one before it was too short to be read.
 */
export function createCueBuilder(): (caption: Caption) => Cue[] {
  let lastEndMs = 0
  return (caption) => {
    const groups = splitIntoCues(timedTexts(caption).flatMap(breakable))
    return groups.map((group, index) => {
      const nextMs = groups[index + 1]?.[0]?.startMs ?? Infinity
      const [spokenFromMs, spokenToMs] = [group[0]?.startMs ?? 0, group.at(-1)?.endMs ?? 0]
      const isLate = spokenFromMs < lastEndMs
      const startMs = Math.round(isLate ? lastEndMs : spokenFromMs)
      const wantedMs = Math.min(
        Math.max(spokenToMs, isLate ? 0 : startMs + CUE_MS_MIN),
        nextMs,
        startMs + CUE_MS_MAX,
      )
      lastEndMs = Math.round(Math.max(wantedMs, startMs + CUE_MS_FLOOR))
      return { startMs, endMs: lastEndMs, lines: wrap(group.map(({ text }) => text)) }
    })
  }
}

/** As many words as fit a cue; where the rest is another cue, it begins after a sentence or clause. */
function splitIntoCues(parts: readonly TimedText[]): TimedText[][] {
  const cues: TimedText[][] = []
  for (let from = 0; from < parts.length;) {
    let to = from + 1
    while (to < parts.length && fits(parts.slice(from, to + 1))) to += 1
    if (to < parts.length) to = betterBreak(parts, from, to)
    cues.push(parts.slice(from, to))
    from = to
  }
  return cues
}

function fits(parts: readonly TimedText[]): boolean {
  const [first, last] = [parts[0], parts.at(-1)]
  if (first && last && last.endMs - first.startMs > CUE_MS_MAX) return false
  return wrap(parts.map(({ text }) => text)).length <= CUE_LINES
}

/** After the last sentence, or else the last clause, unless that leaves the cue too short. */
const BREAKS = [
  { after: /[.!?…。！？]["'”’)]*$/u, shareMin: 1 / 3 },
  { after: /[,;:、，]$/u, shareMin: 1 / 2 },
]

function betterBreak(parts: readonly TimedText[], from: number, to: number): number {
  for (const { after, shareMin } of BREAKS) {
    for (let at = to; at - from > (to - from) * shareMin; at -= 1) {
      if (after.test(parts[at - 1]?.text ?? '')) return at
    }
  }
  return to
}

/** Lines of `CUE_LINE_COLUMNS` at most; a character of a wide script takes two columns. */
function wrap(texts: readonly string[]): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const line = lines.at(-1)
    const longer = line === undefined ? text : `${line} ${text}`
    if (line !== undefined && stringWidth(longer) <= CUE_LINE_COLUMNS) {
      lines[lines.length - 1] = longer
    } else lines.push(text)
  }
  return lines
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A text without spaces that is longer than a line (an address, Japanese) in pieces of a line. */
function breakable(part: TimedText): TimedText[] {
  if (stringWidth(part.text) <= CUE_LINE_COLUMNS) return [part]
  const pieces = ['']
  for (const { segment } of graphemes.segment(part.text)) {
    const longer = (pieces.at(-1) ?? '') + segment
    if (stringWidth(longer) <= CUE_LINE_COLUMNS) pieces[pieces.length - 1] = longer
    else pieces.push(segment)
  }
  const pieceMs = (part.endMs - part.startMs) / pieces.length
  return pieces.map((text, index) => ({
    text,
    startMs: part.startMs + index * pieceMs,
    endMs: part.startMs + (index + 1) * pieceMs,
  }))
}
