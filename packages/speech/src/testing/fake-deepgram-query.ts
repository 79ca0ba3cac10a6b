/** A refusal of the upgrade as Deepgram would word it. */
export interface QueryRefusal {
  readonly status: number
  readonly dgError: string
}

const ENCODINGS = new Set(['linear16', 'linear32', 'flac', 'alaw', 'mulaw', 'opus'])
const MODELS = /^(nova(-[23])?|enhanced|base)(-[a-z]+)*$/
const BOOLEANS = [
  'interim_results',
  'vad_events',
  'punctuate',
  'smart_format',
  'numerals',
  'profanity_filter',
  'diarize',
  'filler_words',
  'multichannel',
]

/** What Deepgram's `/v1/listen` objects to in a query; undefined where it would open the stream. */
export function refuseQuery(query: URLSearchParams): QueryRefusal | undefined {
  const bad = (dgError: string) => ({ status: 400, dgError })
  const encoding = query.get('encoding')
  if (encoding !== null && !ENCODINGS.has(encoding)) return bad('Unsupported encoding.')
  if (encoding !== null && !isWhole(query.get('sample_rate'), 8000, 48_000)) {
    return bad('sample_rate is required and must be a number where encoding is given.')
  }
  const model = query.get('model') ?? 'base'
  if (!MODELS.test(model)) return bad('No such model/language/tier combination found.')
  const isNova3 = model.startsWith('nova-3')
  if (isNova3 && query.has('keywords')) {
    return bad('Keywords are not supported for Nova-3. Please use keyterm instead.')
  }
  if (!isNova3 && query.has('keyterm')) return bad('Keyterms are only supported for Nova-3.')
  for (const name of BOOLEANS) {
    const value = query.get(name)
    if (value !== null && value !== 'true' && value !== 'false') return bad(`Invalid ${name}.`)
  }
  const endpointing = query.get('endpointing')
  if (endpointing !== null && endpointing !== 'false' && !isWhole(endpointing, 0, 60_000)) {
    return bad('Invalid endpointing.')
  }
  const utteranceEnd = query.get('utterance_end_ms')
  if (utteranceEnd !== null) {
    if (!isWhole(utteranceEnd, 1000, 5000)) return bad('utterance_end_ms must be 1000 to 5000.')
    if (query.get('interim_results') !== 'true') {
      return bad('utterance_end_ms requires interim_results=true.')
    }
  }
  return undefined
}

function isWhole(text: string | null, min: number, max: number): boolean {
  return text !== null && /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max
}
