import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { SpeechEngine, SpeechEvent } from '@saywire/speech'
import { BYTES_PER_MS } from '@saywire/protocol'

const PIECE_BYTES = 100 * BYTES_PER_MS
/** Behind by more than this an engine would make do with less than it does for a speaker. */
const BUFFERED_MAX_MS = 1000
const POLL_MS = 5

/** Says everything as fast as the engine takes it, in a session of its own. */
export async function feedFast(
  engine: SpeechEngine,
  pcm: Uint8Array,
  options: { readonly interims: boolean },
): Promise<SpeechEvent[]> {
  const config = { interim_results: options.interims }
  const session = await engine.open({ config }, new AbortController().signal)
  const events: SpeechEvent[] = []
  const listening = (async () => {
    for await (const event of session.events) {
      if (event.type === 'error') throw event.error
      events.push(event)
    }
  })()
  listening.catch(() => undefined)
  for (let at = 0; at < pcm.byteLength; at += PIECE_BYTES) {
    session.write(pcm.slice(at, at + PIECE_BYTES))
    await setImmediate()
    while (session.bufferedMs > BUFFERED_MAX_MS) await sleep(POLL_MS)
  }
  await session.close()
  await listening
  return events
}

/** The words of all finals, with a space between. */
export function finalText(events: readonly SpeechEvent[]): string {
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ')
}
