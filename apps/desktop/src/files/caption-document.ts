import { parseJson } from '@saywire/protocol'
import { z } from 'zod'
import type { Caption } from './caption.ts'

/** What is known of a session besides its captions. */
export interface SessionFacts {
  readonly title: string
  /** The moment at which the file's clock was 0. */
  readonly startedAt: Date
  /** What transcribed, for people: `whisper base.en`. */
  readonly engine: string
  /** BCP 47. */
  readonly language: string
  /** Absolute paths of the caption files that were written beside this document. */
  readonly files: readonly string[]
}

/** One odd number must not cost the session its history. */
const ms = z.number().min(0).catch(0)
const confidence = z.number().catch(0)
const captionLine = z.object({
  start_ms: ms,
  end_ms: ms,
  text: z.string(),
  words: z.array(z.object({ text: z.string(), start_ms: ms, end_ms: ms, confidence })),
})
const headShape = z.object({
  format: z.literal('saywire-captions'),
  version: z.literal(1),
  title: z.string(),
  started_at: z.iso.datetime(),
  engine: z.string(),
  language: z.string(),
  files: z.array(z.string()).default([]),
})
const documentShape = headShape.extend({ captions: z.array(captionLine) })

/** A session's JSON document, read. */
export interface CaptionDocument extends SessionFacts {
  readonly captions: readonly Caption[]
}

/**
 * The document's beginning, one caption, and its end: `head + captions.join(',') + tail` is JSON.
 * A caption is one line, so that a torn document can be read up to the tear.
 */
export const documentTail = '\n]}\n'

export function documentHead(facts: SessionFacts): string {
  const head = {
    format: 'saywire-captions',
    version: 1,
    title: facts.title,
    started_at: facts.startedAt.toISOString(),
    engine: facts.engine,
    language: facts.language,
    files: [...facts.files],
  } satisfies z.infer<typeof headShape>
  return `${JSON.stringify(head).slice(0, -1)},"captions":[`
}

export function documentCaption({ startMs, endMs, text, words }: Caption): string {
  const line = {
    start_ms: startMs,
    end_ms: endMs,
    text,
    words: words.map((word) => ({
      text: word.text,
      start_ms: word.startMs,
      end_ms: word.endMs,
      // More digits than an engine knows.
      confidence: Math.round(word.confidence * 1000) / 1000,
    })),
  } satisfies z.infer<typeof captionLine>
  return `\n${JSON.stringify(line)}`
}

/**
 * Reads a document; of one that a power failure tore, what comes before the tear. Undefined where
 * the text is no document of ours.
 */
export function parseCaptionDocument(text: string): CaptionDocument | undefined {
  const parsed = documentShape.safeParse(parseJson(text) ?? parseTorn(text))
  if (!parsed.success) return undefined
  const { title, started_at, engine, language, files, captions } = parsed.data
  return {
    title,
    startedAt: new Date(started_at),
    engine,
    language,
    files,
    captions: captions.map((caption) => ({
      text: caption.text,
      startMs: caption.start_ms,
      endMs: caption.end_ms,
      words: caption.words.map((word) => ({
        text: word.text,
        startMs: word.start_ms,
        endMs: word.end_ms,
        confidence: word.confidence,
      })),
    })),
  }
}

function parseTorn(text: string): unknown {
  const lines = text.split('\n')
  for (let count = lines.length; count > 0; count -= 1) {
    const whole = lines.slice(0, count).join('\n').replace(/,$/, '')
    const document = parseJson(whole + documentTail)
    if (document !== undefined) return document
    // Only the last lines can be torn; what is broken further up was broken by something else.
    if (lines.length - count > 3) return undefined
  }
  return undefined
}
