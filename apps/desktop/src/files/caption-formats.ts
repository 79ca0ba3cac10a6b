import type { CaptionFormat } from '../settings/settings.ts'
import type { Caption } from './caption.ts'
import { plainText } from './caption.ts'
import type { SessionFacts } from './caption-document.ts'
import { documentCaption, documentHead, documentTail } from './caption-document.ts'
import type { Cue } from './cues.ts'
import { createCueBuilder } from './cues.ts'

export interface FormatOptions {
  /** Each line of a TXT begins with its time. */
  readonly timestamps: boolean
}

/**
 * A format that grows: the file is `head`, then what `next` returned for each caption, then `tail`,
 * and is whole after every caption.
 */
export interface CaptionFormatter {
  readonly head: string
  next(caption: Caption): string
  readonly tail: string
}

/** A formatter counts its captions: one for each file. */
export function createFormatter(
  format: CaptionFormat,
  facts: SessionFacts,
  options: FormatOptions,
): CaptionFormatter {
  return FORMATTERS[format](facts, options)
}

/** A whole transcript in one of the formats. Pure. */
export function renderTranscript(
  captions: readonly Caption[],
  format: CaptionFormat,
  facts: SessionFacts,
  options: FormatOptions,
): string {
  const { head, next, tail } = createFormatter(format, facts, options)
  return head + captions.map(next).join('') + tail
}

const FORMATTERS = {
  txt: (_facts, { timestamps }) => ({
    head: '',
    next({ text, startMs }) {
      return `${timestamps ? `[${clock(startMs, ',').slice(0, -4)}] ` : ''}${plainText(text)}\n`
    },
    tail: '',
  }),

  srt() {
    let number = 0
    return cueFormatter('', ({ startMs, endMs, lines }) => {
      number += 1
      // SubRip knows no escape: an arrow in a text would read as a line of times.
      const text = lines.join('\n').replaceAll('-->', '→')
      return `${number}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${text}\n\n`
    })
  },

  // https://www.w3.org/TR/webvtt1/#webvtt-cue-text-span: & and < must be escaped, and no --> may be.
  vtt: () =>
    cueFormatter('WEBVTT\n\n', ({ startMs, endMs, lines }) => {
      const text = lines
        .join('\n')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
      return `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${text}\n\n`
    }),

  json(facts) {
    let separator = ''
    return {
      head: documentHead(facts),
      next(caption) {
        const text = separator + documentCaption(caption)
        separator = ','
        return text
      },
      tail: documentTail,
    }
  },
} as const satisfies Record<
  CaptionFormat,
  (facts: SessionFacts, options: FormatOptions) => CaptionFormatter
>

function cueFormatter(head: string, render: (cue: Cue) => string): CaptionFormatter {
  const cuesOf = createCueBuilder()
  return { head, next: (caption) => cuesOf(caption).map(render).join(''), tail: '' }
}

/** `01:02:03,004` */
function clock(ms: number, point: ',' | '.'): string {
  const pad = (value: number, length = 2) => String(Math.floor(value)).padStart(length, '0')
  const wholeMs = Math.round(ms)
  const [hours, minutes] = [wholeMs / 3_600_000, (wholeMs / 60_000) % 60]
  return `${pad(hours)}:${pad(minutes)}:${pad((wholeMs / 1000) % 60)}${point}${pad(wholeMs % 1000, 3)}`
}
