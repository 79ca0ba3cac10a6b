import type { ServerMessage } from '@saywire/protocol'
import { BYTES_PER_MS } from '@saywire/protocol'
import type { TranscribeClient } from './transcribe-client.ts'
import { connectTranscribe } from './transcribe-client.ts'

/** 40 ms every 20 ms: twice real time. */
const FRAME_BYTES = 40 * BYTES_PER_MS
const EVERY_MS = 20

/** A client that speaks a script, and goes on with its session wherever it is told to. */
export interface ResumingSpeaker {
  /** Words of the finals, without those that it had before. */
  readonly words: readonly string[]
  /** What `ready` told, once for each connection. */
  readonly readies: readonly Extract<ServerMessage, { type: 'ready' }>[]
  /** The newest connection. */
  readonly client: TranscribeClient
  /** Up to where it has finals, ms. */
  readonly horizonMs: number
  /** How much it has sent, ms from the session's first byte. */
  readonly sentMs: number
  /** Connects, also anew, and speaks on from where the server says. */
  connect(url: string): Promise<void>
  /** Sends no more. */
  pause(): void
  /** Resolves when all has been sent. */
  readonly done: Promise<void>
}

export function createResumingSpeaker(pcm: Uint8Array, token: string): ResumingSpeaker {
  const words: string[] = []
  const readies: Extract<ServerMessage, { type: 'ready' }>[] = []
  let client: TranscribeClient
  /** The one that was dialled last. */
  let newest: TranscribeClient | undefined
  let horizonMs = 0
  let sentBytes = 0
  let flow: NodeJS.Timeout | undefined
  let resolveDone: () => void
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve
  })

  function hear(message: ServerMessage): void {
    if (message.type !== 'transcript' || !message.is_final || message.end_ms <= horizonMs) return
    const news = message.words.filter(({ start_ms }) => start_ms >= horizonMs - 1)
    words.push(...news.map(({ text }) => text.toLowerCase().replace(/\W/g, '')))
    horizonMs = message.end_ms
  }

  function sendFrame(): void {
    if (client.socket.readyState !== client.socket.OPEN) return
    client.sendAudio(pcm.subarray(sentBytes, sentBytes + FRAME_BYTES))
    sentBytes = Math.min(pcm.byteLength, sentBytes + FRAME_BYTES)
    if (sentBytes < pcm.byteLength) return
    clearInterval(flow)
    resolveDone()
  }

  return {
    words,
    readies,
    get client() {
      return client
    },
    get horizonMs() {
      return horizonMs
    },
    get sentMs() {
      return sentBytes / BYTES_PER_MS
    },
    async connect(url) {
      clearInterval(flow)
      const last = readies.at(-1)
      const resume = last && {
        session_id: last.session_id,
        resume_token: last.resume_token,
        horizon_ms: Math.floor(horizonMs),
      }
      const next = await connectTranscribe(url)
      newest = next
      next.socket.on('message', () => {
        // Left: what it says now is said again by its successor.
        if (next !== newest) return
        for (const message of next.messages.slice(heard)) hear(message)
        heard = next.messages.length
      })
      let heard = 0
      next.send({ type: 'auth', token, ...(resume && { resume }) })
      const ready = await next.next('ready')
      readies.push(ready)
      client = next
      sentBytes = ready.resume_from_ms * BYTES_PER_MS
      flow = setInterval(sendFrame, EVERY_MS)
    },
    pause: () => clearInterval(flow),
    done,
  }
}
