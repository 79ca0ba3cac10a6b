import { setTimeout as sleep } from 'node:timers/promises'
import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechSession } from '../speech-engine.ts'
import type { FinalEvent, InterimEvent, SpeechEvent } from '../speech-event.ts'

const FRAME_BYTES = 640
/** A source that is faster than real time waits while more than this is on its way. */
const MAX_BUFFERED_MS = 2000

/** Everything that a session says, as it comes. */
export interface Listener {
  readonly events: readonly SpeechEvent[]
  /** True once the events have ended. */
  readonly ended: boolean
  /** Resolves when they have. */
  readonly end: Promise<void>
}

export function listen(session: SpeechSession): Listener {
  const events: SpeechEvent[] = []
  let ended = false
  const end = (async () => {
    for await (const event of session.events) events.push(event)
    ended = true
  })()
  return {
    events,
    end,
    get ended() {
      return ended
    },
  }
}

/** Writes PCM as fast as the session takes it, in chunks of the given sizes, over and over. */
export async function feed(
  session: SpeechSession,
  pcm: Uint8Array,
  chunkBytes: readonly number[] = [FRAME_BYTES],
): Promise<void> {
  for (let at = 0, i = 0; at < pcm.byteLength; i++) {
    const size = chunkBytes[i % chunkBytes.length] ?? FRAME_BYTES
    // A copy: the session owns what it is given.
    session.write(pcm.slice(at, at + size))
    at += size
    while (session.bufferedMs > MAX_BUFFERED_MS) await sleep(5)
  }
}

export interface Run {
  readonly events: readonly SpeechEvent[]
  readonly finals: readonly FinalEvent[]
  readonly interims: readonly InterimEvent[]
  /** Finals' text in one line. */
  readonly text: string
  /** The last `usage`, ms. */
  readonly usedMs: number
}

export interface RunOptions {
  readonly startMs?: number
  readonly chunkBytes?: readonly number[]
  readonly config?: TranscribeConfig
}

/** One session from open to close. */
export async function run(
  engine: SpeechEngine,
  pcm: Uint8Array,
  { startMs, chunkBytes, config = {} }: RunOptions = {},
): Promise<Run> {
  const options = startMs === undefined ? { config } : { config, startMs }
  const session = await engine.open(options, new AbortController().signal)
  const listener = listen(session)
  await feed(session, pcm, chunkBytes)
  await session.close()
  await listener.end
  return summarise(listener.events)
}

export function summarise(events: readonly SpeechEvent[]): Run {
  const finals = events.filter((event) => event.type === 'final')
  const interims = events.filter((event) => event.type === 'interim')
  const usage = events.findLast((event) => event.type === 'usage')
  const text = finals
    .map((final) => final.text)
    .filter((text) => text !== '')
    .join(' ')
  return { events, finals, interims, text, usedMs: usage?.audioMs ?? 0 }
}
