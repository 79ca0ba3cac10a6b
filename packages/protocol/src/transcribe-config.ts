import { z } from 'zod'

const term = z
  .string()
  .trim()
  .min(1, 'must have 1 to 100 characters')
  .max(100, 'must have 1 to 100 characters')
  // Half of a character cannot be sent on in an address.
  .regex(/^\P{Surrogate}*$/u, 'must be well-formed Unicode')
const terms = z.array(term).max(100, 'may be given 100 times at most')

/**
 * What a client may ask of speech-to-text: the whitelist of `auth.config` and `configure`.
 * Names and meanings are Deepgram's streaming parameters
 * (https://developers.deepgram.com/reference/speech-to-text/listen-streaming); engines that cannot
 * honour a field ignore it. Encoding, sample rate and channels are not here: they are fixed.
 */
export const transcribeConfigSchema = z.strictObject({
  model: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'must be a model name such as nova-3')
    .optional(),
  /** BCP 47 tag such as `en`, `en-US`, or `multi` where the backend detects the language. */
  language: z
    .string()
    .regex(/^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/i, 'must be a language tag such as en-US')
    .optional(),
  interim_results: z.boolean().optional(),
  /** Silence, in ms, that ends an utterance (10–5,000); `false` switches endpointing off. */
  endpointing: z.union([z.int().min(10).max(5000), z.literal(false)]).optional(),
  /** Gap between words, in ms, that is reported as the end of an utterance (1,000–5,000). */
  utterance_end_ms: z.int().min(1000).max(5000).optional(),
  punctuate: z.boolean().optional(),
  smart_format: z.boolean().optional(),
  numerals: z.boolean().optional(),
  profanity_filter: z.boolean().optional(),
  /** Names and terms to listen for (nova-3 and later). */
  keyterm: terms.optional(),
  /** `term` or `term:boost` (models before nova-3). */
  keywords: terms.optional(),
  /** `find:replacement`. */
  replace: terms.optional(),
  diarize: z.boolean().optional(),
  /** English, whatever is spoken: Whisper's multilingual models can, Deepgram cannot. */
  translate: z.boolean().optional(),
  filler_words: z.boolean().optional(),
})
export type TranscribeConfig = z.infer<typeof transcribeConfigSchema>
