import { nowUs } from './audio-frame.ts'
import { readWord } from './spoken-token.ts'
import type { WireClient } from './wire-client.ts'
import { dialWire } from './wire-client.ts'

/** Whom a client talks to: the server, or something that takes Deepgram's place. */
export type Dialect = 'saywire' | 'deepgram'

export interface TalkerOptions {
  readonly url: string
  readonly dialect: Dialect
  readonly stream: number
  /** Access token, or Deepgram's key. */
  readonly token: string
  /** From saying to hearing, µs; of every result that has words. */
  readonly onHeard: (latencyUs: number) => void
}

/** One client: it counts the frames that it sends and the words of its finals. */
export interface Talker {
  readonly isStreaming: boolean
  /** Nothing more will come. */
  readonly isOver: boolean
  /** Why it is over without having been asked to stop. */
  readonly problem: string | undefined
  readonly counts: WordCounts
  sendFrame(): void
  stop(): void
}

export interface WordCounts {
  /** Frames sent. */
  readonly sent: number
  /** Frames whose word came in a final. */
  readonly said: number
  readonly lost: number
  readonly doubled: number
  /** Words of another user's. */
  readonly foreign: number
}

export const LISTEN_PATH =
  '/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000&channels=1&interim_results=true&endpointing=300'
const CONFIG = { model: 'nova-3', interim_results: true, endpointing: 300 }

interface HeardMessage {
  readonly type: string
  readonly code?: string
  readonly is_final?: boolean
  readonly words?: readonly { readonly text: string }[]
  readonly channel?: {
    readonly alternatives: readonly { readonly words: readonly { readonly word: string }[] }[]
  }
}

export function startTalker({ url, dialect, stream, token, onHeard }: TalkerOptions): Talker {
  const counts = { sent: 0, said: 0, lost: 0, doubled: 0, foreign: 0 }
  let isStreaming = false
  let isOver = false
  let isStopping = false
  let problem: string | undefined
  let expected = 0
  const isServer = dialect === 'saywire'
  const wire: WireClient = dialWire({
    url: `${url}${isServer ? '/ws/transcribe' : LISTEN_PATH}`,
    headers: isServer ? {} : { authorization: `Token ${token}` },
    onOpen() {
      if (isServer) wire.sendText(JSON.stringify({ type: 'auth', token, config: CONFIG }))
      else isStreaming = true
    },
    onText,
    onClose(code) {
      isStreaming = false
      isOver = true
      // What was sent last has its final by now, or never will.
      counts.lost += counts.sent - expected
      expected = counts.sent
      if (!isStopping) problem ??= `close ${code}`
    },
  })

  function onText(text: string): void {
    const message = JSON.parse(text) as HeardMessage
    switch (message.type) {
      case 'ready':
        isStreaming = true
        return
      case 'error':
        problem = message.code ?? 'error'
        return
      case 'transcript':
        return hear(message.words?.map((word) => word.text) ?? [], message.is_final === true)
      case 'Results': {
        const words = message.channel?.alternatives[0]?.words ?? []
        hear(
          words.map(({ word }) => word),
          message.is_final === true,
        )
      }
    }
  }

  function hear(words: readonly string[], isFinal: boolean): void {
    const newest = readWord(words.at(-1) ?? '')
    if (newest) onHeard(nowUs() - newest.saidAtUs)
    if (isFinal) for (const word of words) count(word)
  }

  function count(word: string): void {
    const token = readWord(word)
    if (!token || token.stream !== stream) counts.foreign += 1
    else if (token.firstFrame < expected) counts.doubled += 1
    else {
      counts.lost += token.firstFrame - expected
      counts.said += token.frames
      expected = token.firstFrame + token.frames
    }
  }

  return {
    get isStreaming() {
      return isStreaming
    },
    get isOver() {
      return isOver
    },
    get problem() {
      return problem
    },
    counts,
    sendFrame() {
      wire.sendFrame({ stream, sequence: counts.sent, sentAtUs: nowUs() })
      counts.sent += 1
    },
    stop() {
      isStreaming = false
      if (isStopping || isOver) return
      isStopping = true
      wire.sendText(JSON.stringify({ type: isServer ? 'stop' : 'CloseStream' }))
    },
  }
}
