/** What the provider says about a key; `unverified` where it could not be asked. */
export type KeyVerdict =
  | { readonly status: 'valid' }
  | { readonly status: 'invalid' | 'unverified'; readonly sentence: string }

const DEEPGRAM_URL = 'https://api.deepgram.com'
const TIMEOUT_MS = 8000

const REFUSED = 'Deepgram refuses this key: copy it again from console.deepgram.com.'
const FORBIDDEN = 'This Deepgram key may not be used for this: make one with the role Member.'

export interface CheckKeyOptions {
  /** Address that streams go to, where it is not Deepgram's own; ws(s) or http(s). */
  readonly deepgramUrl: string | undefined
  readonly timeoutMs?: number
}

/** Asks Deepgram whether a key is good, without using any of its credit. Never rejects. */
export async function checkDeepgramKey(key: string, options: CheckKeyOptions): Promise<KeyVerdict> {
  const base = (options.deepgramUrl ?? DEEPGRAM_URL).replace(/^ws/, 'http').replace(/\/$/, '')
  try {
    const response = await fetch(`${base}/v1/auth/token`, {
      headers: { authorization: `Token ${key}` },
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (response.ok) return { status: 'valid' }
    if (response.status === 401) return { status: 'invalid', sentence: REFUSED }
    if (response.status === 403) return { status: 'invalid', sentence: FORBIDDEN }
    return unverified(`it answered ${response.status}`)
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    return unverified(isLate ? 'it did not answer in time' : 'it cannot be reached')
  }
}

function unverified(why: string): KeyVerdict {
  const sentence = `Deepgram could not be asked about the key: ${why}. It is kept, and tried when captions start.`
  return { status: 'unverified', sentence }
}
