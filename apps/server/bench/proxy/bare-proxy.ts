/*
 * What the server is measured against: a proxy of the plainest kind on `ws`, without accounts,
 * metering, or anything that helps when something goes wrong.
 * Arguments: the upstream's address, and `pipe` or `reshape`.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { RawData } from 'ws'

const [upstreamUrl = '', mode = 'pipe'] = process.argv.slice(2)
const options = { perMessageDeflate: false, maxPayload: 1024 * 1024 } as const

interface Results {
  readonly type: string
  readonly is_final: boolean
  readonly speech_final: boolean
  readonly start: number
  readonly duration: number
  readonly channel: { readonly alternatives: readonly Alternative[] }
}
interface Alternative {
  readonly transcript: string
  readonly confidence: number
  readonly words: readonly {
    readonly word: string
    readonly start: number
    readonly end: number
    readonly confidence: number
  }[]
}

const toMs = (seconds: number): number => Math.round(seconds * 1000)

/** Into what the server's clients get. */
function reshape(text: string): string | undefined {
  const message = JSON.parse(text) as Results
  const best = message.channel?.alternatives[0]
  if (message.type !== 'Results' || !best) return undefined
  return JSON.stringify({
    type: 'transcript',
    text: best.transcript,
    is_final: message.is_final,
    confidence: best.confidence,
    speech_final: message.speech_final,
    start_ms: toMs(message.start),
    end_ms: toMs(message.start + message.duration),
    words: best.words.map(({ word, start, end, confidence }) => {
      return { text: word, start_ms: toMs(start), end_ms: toMs(end), confidence }
    }),
  })
}

const clients = new WebSocketServer({ noServer: true, ...options })
const server = createServer()
server.on('upgrade', (request, socket, head) => {
  clients.handleUpgrade(request, socket, head, (client) => {
    const { authorization = '' } = request.headers
    const upstream = new WebSocket(`${upstreamUrl}${request.url ?? ''}`, {
      ...options,
      headers: { authorization },
    })
    let waiting: [RawData, boolean][] | undefined = []
    client.on('message', (data, binary) => {
      if (waiting) waiting.push([data, binary])
      else upstream.send(data, { binary })
    })
    upstream.on('open', () => {
      for (const [data, binary] of waiting ?? []) upstream.send(data, { binary })
      waiting = undefined
    })
    upstream.on('message', (data: Buffer, binary) => {
      const told = mode === 'reshape' ? reshape(data.toString()) : data
      if (told !== undefined) client.send(told, { binary })
    })
    client.on('close', () => upstream.close())
    upstream.on('close', () => client.close())
    client.on('error', () => upstream.terminate())
    upstream.on('error', () => client.terminate())
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'listening', url: `http://127.0.0.1:${port}` })
})
process.once('disconnect', () => process.exit())
