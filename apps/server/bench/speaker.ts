import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { BYTES_PER_MS, TRANSCRIBE_PATH } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { issueToken } from './server-process.ts'

/** One connection to the audio WebSocket, from its opening to its close. */
export interface Attempt {
  /** Sent as a key term, by which the fake Deepgram tells one session from another. */
  readonly tag: string
  readonly url: string
  sessionId: string | undefined
  /** Code of the last error message. */
  error: string | undefined
  /** As the server counted it; of a session that ended in order. */
  usedMs: number | undefined
  closeCode: number | undefined
}

export interface SpeakerOptions {
  readonly userId: string
  /** Where to connect to next. */
  readonly pickServer: () => string
  /** Audio per real time; above 2 the server objects. Default 1. */
  readonly speed?: number
  /** After such an error it gives up; after all else it comes back. Default: no credit. */
  readonly isFinal?: (error: string) => boolean
}

/** A client that speaks without end, and takes its session over when it loses its server. */
export interface Speaker {
  readonly attempts: readonly Attempt[]
  readonly isStreaming: boolean
  /** It has stopped, or given up. */
  readonly isOver: boolean
  /** Leaves the running connection open and silent-eared, and comes back with another. */
  abandon(): Attempt | undefined
  /**
   * Ends in order: `stop`, last finals, `session_end`.
   * @throws Error where the server does not answer
   */
  stop(): Promise<void>
}

const FRAME_MS = 100
const BACK_MIN_MS = 50
const BACK_MAX_MS = 250
const OPEN_TIMEOUT_MS = 15_000
const STOP_TIMEOUT_MS = 60_000

export function startSpeaker(options: SpeakerOptions): Speaker {
  const { userId, pickServer, speed = 1 } = options
  const isFinal = options.isFinal ?? ((error) => error === 'insufficient_credits')
  const attempts: Attempt[] = []
  const frame = Buffer.alloc(FRAME_MS * speed * BYTES_PER_MS)
  let current: { socket: WebSocket; attempt: Attempt; leave: () => void } | undefined
  let isStreaming = false
  let stopping = false
  let isOver = false

  async function run(): Promise<void> {
    let resume: string | undefined
    while (!stopping) {
      const attempt = await connect(resume)
      resume = attempt.sessionId ?? resume
      if (attempt.error !== undefined && isFinal(attempt.error)) return
      await sleep(BACK_MIN_MS + Math.random() * (BACK_MAX_MS - BACK_MIN_MS))
    }
  }

  async function connect(resume: string | undefined): Promise<Attempt> {
    const token = await issueToken(userId)
    const attempt: Attempt = {
      tag: randomUUID(),
      url: pickServer(),
      sessionId: undefined,
      error: undefined,
      usedMs: undefined,
      closeCode: undefined,
    }
    attempts.push(attempt)
    const socket = new WebSocket(`${attempt.url.replace(/^http/, 'ws')}${TRANSCRIBE_PATH}`, {
      handshakeTimeout: OPEN_TIMEOUT_MS,
      perMessageDeflate: false,
    })
    let pacer: NodeJS.Timeout | undefined
    socket.on('error', () => undefined)
    socket.on('open', () => {
      const config = { keyterm: [attempt.tag] }
      const takeOver = resume === undefined ? {} : { resume: { session_id: resume } }
      socket.send(JSON.stringify({ type: 'auth', token, config, ...takeOver }))
    })
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, string>
      if (message['type'] === 'ready') {
        attempt.sessionId = message['session_id']
        isStreaming = current?.attempt === attempt
        pacer = setInterval(() => {
          if (socket.readyState === WebSocket.OPEN) socket.send(frame)
        }, FRAME_MS)
        if (stopping) socket.send(JSON.stringify({ type: 'stop' }))
      } else if (message['type'] === 'error') attempt.error = message['code']
      else if (message['type'] === 'session_end') attempt.usedMs = Number(message['used_ms'])
    })
    return new Promise((resolve) => {
      const leave = (): void => {
        if (current?.attempt === attempt) {
          current = undefined
          isStreaming = false
        }
        resolve(attempt)
      }
      current = { socket, attempt, leave }
      socket.on('close', (code) => {
        clearInterval(pacer)
        attempt.closeCode = code
        leave()
      })
    })
  }

  const running = run().finally(() => {
    isOver = true
  })
  return {
    attempts,
    get isStreaming() {
      return isStreaming
    },
    get isOver() {
      return isOver
    },
    abandon() {
      const abandoned = current
      abandoned?.leave()
      return abandoned?.attempt
    },
    async stop() {
      stopping = true
      const { socket } = current ?? {}
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'stop' }))
      const timeout = new AbortController()
      const late = sleep(STOP_TIMEOUT_MS, 'late' as const, timeout)
      if ((await Promise.race([running, late])) === 'late') {
        throw new Error(`Session ${current?.attempt.sessionId ?? '?'} does not end.`)
      }
      timeout.abort()
    },
  }
}
