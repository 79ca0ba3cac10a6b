import type { ServerMessage } from '@saywire/protocol'
import { serverMessageSchema } from '@saywire/protocol'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'

/** A raw client of `/ws/transcribe` for tests: sends what it is told, keeps all it hears. */
export interface TranscribeClient {
  readonly socket: WebSocket
  readonly messages: readonly ServerMessage[]
  send(message: unknown): void
  sendAudio(pcm: Uint8Array): void
  /** The first message of this type, past or future. Rejects after 10 s, or when the socket closes. */
  next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>
  /** The close code. Rejects after 20 s. */
  readonly closed: Promise<number>
}

/** Connects and, where a token is given, authenticates and waits for `ready`. */
export async function connectTranscribe(
  url: string,
  auth?: { token: string; config?: Record<string, unknown> },
  options: ClientOptions = {},
): Promise<TranscribeClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/transcribe`, options)
  const messages: ServerMessage[] = []
  const listeners = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    messages.push(serverMessageSchema.parse(JSON.parse(data.toString('utf8'))))
    listeners.forEach((notify) => notify())
  })
  socket.on('error', () => undefined)
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const client: TranscribeClient = {
    socket,
    messages,
    closed: within(closed, 60_000, 'the socket to close'),
    send: (message) => socket.send(JSON.stringify(message)),
    sendAudio: (pcm) => socket.send(pcm),
    next(type) {
      type Found = Extract<ServerMessage, { type: typeof type }>
      const find = () => messages.find((message): message is Found => message.type === type)
      const found = new Promise<Found>((resolve, reject) => {
        const check = () => {
          const message = find()
          if (message) resolve(message)
        }
        listeners.add(check)
        check()
        void closed.then((code) => reject(new Error(`closed with ${code} before ${type}`)))
      })
      return within(found, 30_000, `a message ${type}`)
    },
  }
  // Awaited only by the tests that expect it.
  client.closed.catch(() => undefined)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  if (auth) {
    client.send({ type: 'auth', ...auth })
    await client.next('ready')
  }
  return client
}

async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), timeoutMs)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
