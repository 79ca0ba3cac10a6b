/**
 * Misbehaviour on demand. A fault is used up by the first connection that meets its condition.
 * - `connect`: instead of the upgrade.
 * - `check-key`: instead of the answer to GET /v1/auth/token.
 * - `audio`: when a connection has received `afterMs` of audio (default: with its first audio).
 * - `close-stream`: in answer to CloseStream.
 */
export type FakeDeepgramFault =
  | ConnectFault
  | (Refusal & { readonly on: 'check-key' })
  | (StreamFault & OfStream & { readonly on: 'audio'; readonly afterMs?: number })
  | (StreamFault & OfStream & { readonly on: 'close-stream' })

export type ConnectFault = Refusal & OfStream & { readonly on: 'connect' }

interface OfStream {
  /** Only for streams with this key term. */
  readonly keyterm?: string
}

export type Refusal =
  | {
      readonly action: 'refuse'
      readonly status: number
      readonly dgError?: string
      readonly retryAfterS?: number
    }
  /** Accepts the TCP connection and never says a word. */
  | { readonly action: 'hang' }
  /** RST. */
  | { readonly action: 'drop' }

export type StreamFault =
  | { readonly action: 'close'; readonly code: number; readonly reason?: string }
  /** RST: the other side sees 1006. */
  | { readonly action: 'drop' }
  /** From now on reads nothing and says nothing, with the connection open. */
  | { readonly action: 'stall' }
  /** Goes on reading and says nothing. */
  | { readonly action: 'mute' }
  /** Says these messages as they are: broken JSON, wrong types, anything. */
  | { readonly action: 'say'; readonly messages: readonly (string | Uint8Array)[] }
  /** Says every final twice from now on. */
  | { readonly action: 'repeat-finals' }
  /** Answers everything this much later from now on. */
  | { readonly action: 'delay'; readonly delayMs: number }

/** Takes the first fault that is due out of the list. */
export function takeFault<On extends FakeDeepgramFault['on']>(
  faults: FakeDeepgramFault[],
  on: On,
  query = new URLSearchParams(),
  heardMs = 0,
): Extract<FakeDeepgramFault, { on: On }> | undefined {
  const index = faults.findIndex(
    (fault) =>
      fault.on === on &&
      (!('keyterm' in fault) || query.getAll('keyterm').includes(fault.keyterm ?? '')) &&
      (fault.on !== 'audio' || heardMs >= (fault.afterMs ?? 0)),
  )
  if (index === -1) return undefined
  return faults.splice(index, 1)[0] as Extract<FakeDeepgramFault, { on: On }>
}
