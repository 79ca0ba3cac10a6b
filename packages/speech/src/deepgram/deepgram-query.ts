import type { TranscribeConfig } from '@saywire/protocol'
import { SAMPLE_RATE_HZ } from '@saywire/protocol'

export const DEFAULT_MODEL = 'nova-3'

/** Parameters of `/v1/listen`; an array is sent as a repeated parameter. */
export type DeepgramQuery = Readonly<Record<string, string | readonly string[]>>

/**
 * What Saywire asks of Deepgram where the config is silent. Deepgram's own defaults (no interim
 * results, no punctuation) are made for machines that read the words, not for people.
 */
const CAPTION_DEFAULTS = { interim_results: true, punctuate: true } satisfies TranscribeConfig

/**
 * The query of `wss://…/v1/listen` for a config
 * (https://developers.deepgram.com/reference/speech-to-text/listen-streaming). The audio format is
 * never the caller's to choose. Deepgram refuses `keywords` from nova-3 on and `keyterm` before it:
 * terms go to the model under the name that it knows, boosts only to one that has them. It does not
 * translate.
 */
export function deepgramQuery(config: TranscribeConfig): DeepgramQuery {
  const {
    model = DEFAULT_MODEL,
    keyterm,
    keywords,
    translate: _,
    ...rest
  } = { ...CAPTION_DEFAULTS, ...config }
  const boosted = supportsKeyterm(model)
    ? { keyterm: keyterm && withinLimit(keyterm) }
    : // A colon would part a boost from its word.
      { keywords: keywords ?? keyterm?.map((term) => term.replaceAll(':', ' ')) }
  const query: Record<string, string | readonly string[]> = {
    model,
    encoding: 'linear16',
    sample_rate: String(SAMPLE_RATE_HZ),
    channels: '1',
    vad_events: 'true',
  }
  for (const [name, value] of Object.entries({ ...rest, ...boosted })) {
    if (value === undefined) continue
    query[name] = Array.isArray(value) ? value : String(value)
  }
  return query
}

/** Of all terms of a request; Deepgram refuses one that has more. */
const KEYTERM_TOKENS_MAX = 500
/** No tokeniser is known: names are cut small, and each takes more than two letters of most. */
const BYTES_PER_TOKEN = 2

/** The first terms, as many as Deepgram takes: it is better to miss a name than all captions. */
function withinLimit(terms: readonly string[]): readonly string[] {
  let tokens = 0
  const end = terms.findIndex((term) => {
    tokens += Math.ceil(Buffer.byteLength(term) / BYTES_PER_TOKEN)
    return tokens > KEYTERM_TOKENS_MAX
  })
  return end === -1 ? terms : terms.slice(0, end)
}

function supportsKeyterm(model: string): boolean {
  const generation = /^nova-(\d+)/.exec(model)?.[1]
  return generation !== undefined && Number(generation) >= 3
}
