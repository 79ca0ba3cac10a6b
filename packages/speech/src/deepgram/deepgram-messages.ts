import { parseJson, readUntrusted } from '@saywire/protocol'
import { z } from 'zod'

/**
 * What Deepgram says on a live stream, as far as captions need it. Times are seconds of audio since
 * the connection opened. Unknown keys are dropped: Deepgram adds new ones without notice.
 * https://developers.deepgram.com/reference/speech-to-text/listen-streaming
 */
const seconds = z.number().nonnegative()
/** Neural scores come as 32-bit floats and may stick out of 0–1 by their last bit. */
const confidence = z.number().transform((value) => Math.min(1, Math.max(0, value)))

const wordSchema = z.object({
  word: z.string(),
  /** The word as it is written in a sentence; present with `punctuate` or `smart_format`. */
  punctuated_word: z.string().optional(),
  start: seconds,
  end: seconds,
  confidence,
})

const alternativeSchema = z.object({
  transcript: z.string(),
  confidence,
  words: z.array(wordSchema),
})

const resultsSchema = z.object({
  type: z.literal('Results'),
  start: seconds,
  duration: seconds,
  is_final: z.boolean().default(false),
  speech_final: z.boolean().default(false),
  /** Best first; nothing asks for more than one. */
  channel: z.object({ alternatives: z.tuple([alternativeSchema]).rest(z.unknown()) }),
})
export type DeepgramResults = z.infer<typeof resultsSchema>

const knownSchema = z.discriminatedUnion('type', [
  resultsSchema,
  z.object({ type: z.literal('SpeechStarted'), timestamp: seconds }),
  /** `last_word_end` is -1 where no word was heard. */
  z.object({ type: z.literal('UtteranceEnd'), last_word_end: z.number() }),
  /** The receipt: comes after the last result of a stream that was closed by `CloseStream`. */
  z.object({
    type: z.literal('Metadata'),
    request_id: z.string().max(200).optional().catch(undefined),
    duration: seconds.optional().catch(undefined),
    channels: z.int().positive().optional().catch(undefined),
  }),
])
export type DeepgramMessage = z.infer<typeof knownSchema>

const knownTypes = new Set<unknown>(['Results', 'SpeechStarted', 'UtteranceEnd', 'Metadata'])

/**
 * Reads one message that came off the wire.
 * `unknown`: well-formed, but of a type that captions do not use.
 */
export function parseDeepgramMessage(text: string): DeepgramMessage | 'unknown' | 'malformed' {
  const data = parseJson(text)
  const type = (data as { type?: unknown } | null | undefined)?.type
  if (typeof type !== 'string') return 'malformed'
  if (!knownTypes.has(type)) return 'unknown'
  const parsed = readUntrusted(knownSchema, data)
  return parsed.success ? parsed.data : 'malformed'
}
