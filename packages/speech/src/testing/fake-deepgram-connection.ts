import { setTimeout as delay } from 'node:timers/promises'
import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { FakeDeepgramFault, StreamFault } from './fake-deepgram-faults.ts'
import { takeFault } from './fake-deepgram-faults.ts'
import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'

/** What a test can see of one accepted stream. */
export interface FakeDeepgramConnection {
  /** Parameters in the order of the address; repeated ones are listed. */
  readonly query: Readonly<Record<string, readonly string[]>>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** All audio, in one piece. */
  readonly audio: Buffer
  readonly audioBytes: number
  /** Bytes of each binary message, in order. */
  readonly audioMessages: readonly number[]
  /** Every text message, parsed. */
  readonly messages: readonly { readonly type: string }[]
  /** How the connection ended; undefined while it is open. */
  readonly closed: { readonly code: number; readonly reason: string } | undefined
}

export interface FakeConnectionDeps {
  readonly ws: WebSocket
  readonly socket: Socket
  readonly query: URLSearchParams
  readonly headers: FakeDeepgramConnection['headers']
  /** Shared with the other connections; what fires is taken out. */
  readonly faults: FakeDeepgramFault[]
  /** Time without audio or KeepAlive after which Deepgram closes. */
  readonly idleTimeoutMs: number
  /** False: `audio` and `audioMessages` stay empty. */
  readonly keepAudio: boolean
  /** Everything is answered this much later. */
  readonly latencyMs: number
  readonly transcribe: (options: TranscriberOptions) => FakeTranscriber
}

const NO_AUDIO = 'NET-0001: Deepgram did not receive audio data or a text message in time.'
const NOT_AUDIO = 'DATA-0000: The payload cannot be decoded as audio.'
const CONTAINERS = ['RIFF', 'OggS', 'fLaC', 'ID3']

/** Deepgram's side of one live stream. */
export function serveFakeStream(deps: FakeConnectionDeps): FakeDeepgramConnection {
  const { ws, socket, query, faults } = deps
  const bytesPerMs = (2 * Number(query.get('sample_rate') ?? 16_000)) / 1000
  const endpointing = query.get('endpointing') ?? '10'
  const utteranceEnd = query.get('utterance_end_ms')
  const transcriber = deps.transcribe({
    bytesPerMs,
    interimResults: query.get('interim_results') === 'true',
    vadEvents: query.get('vad_events') === 'true',
    punctuate: query.get('punctuate') === 'true' || query.get('smart_format') === 'true',
    endpointingMs: endpointing === 'false' ? undefined : Number(endpointing),
    utteranceEndMs: utteranceEnd === null ? undefined : Number(utteranceEnd),
  })
  const chunks: Buffer[] = []
  const messages: { type: string }[] = []
  let audioBytes = 0
  let closed: FakeDeepgramConnection['closed']
  let silent = false
  let repeatFinals = false
  let delayMs = deps.latencyMs
  /** Keeps delayed answers in order. */
  let lastAnswer = Promise.resolve()
  const idleTimer = setTimeout(() => close(1011, NO_AUDIO), deps.idleTimeoutMs)

  function answer(act: () => void): void {
    if (silent) return
    if (delayMs === 0) return act()
    const due = delay(delayMs)
    lastAnswer = lastAnswer.then(async () => due).then(act)
  }

  function say(...said: readonly object[]): void {
    for (const message of said) {
      answer(() => ws.send(JSON.stringify(message)))
      const isFinal = 'is_final' in message && message.is_final === true
      if (repeatFinals && isFinal) answer(() => ws.send(JSON.stringify(message)))
    }
  }

  function close(code: number, reason = ''): void {
    answer(() => ws.close(code, reason))
  }

  function misbehave(fault: StreamFault): void {
    switch (fault.action) {
      case 'close':
        return close(fault.code, fault.reason)
      case 'drop':
        socket.resetAndDestroy()
        return
      case 'stall':
        silent = true
        ws.pause()
        return
      case 'mute':
        silent = true
        return
      case 'say':
        for (const message of fault.messages) answer(() => ws.send(message))
        return
      case 'repeat-finals':
        repeatFinals = true
        return
      case 'delay':
        delayMs = fault.delayMs
    }
  }

  function onAudio(audio: Buffer): void {
    if (audio.byteLength === 0) return finish()
    const undeclared = audioBytes === 0 && !query.has('encoding')
    if (undeclared && !CONTAINERS.some((magic) => audio.toString('latin1').startsWith(magic))) {
      return close(1008, NOT_AUDIO)
    }
    audioBytes += audio.byteLength
    if (deps.keepAudio) chunks.push(audio)
    idleTimer.refresh()
    const fault = takeFault(faults, 'audio', query, audioBytes / bytesPerMs)
    if (fault) misbehave(fault)
    say(...transcriber.push(audio))
  }

  function onText(text: string): void {
    const message = parse(text)
    messages.push(message)
    switch (message.type) {
      case 'KeepAlive':
        // Does not hold a stream that never had audio.
        if (audioBytes > 0) idleTimer.refresh()
        return
      case 'Finalize':
        return say(...transcriber.finalize(true))
      case 'CloseStream':
        return finish()
      default:
        return close(1008, 'DATA-0001: unrecognised text message')
    }
  }

  function finish(): void {
    for (let fault; (fault = takeFault(faults, 'close-stream', query));) misbehave(fault)
    say(...transcriber.finalize(false))
    say({
      type: 'Metadata',
      request_id: 'fake',
      duration: audioBytes / bytesPerMs / 1000,
      channels: 1,
    })
    close(1000)
  }

  ws.on('message', (data: RawData, isBinary) => {
    const bytes = data as Buffer
    if (isBinary) onAudio(bytes)
    else onText(bytes.toString())
  })
  ws.on('close', (code, reason) => {
    clearTimeout(idleTimer)
    closed = { code, reason: reason.toString() }
  })

  return {
    query: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])),
    headers: deps.headers,
    messages,
    get audio() {
      return Buffer.concat(chunks)
    },
    get audioBytes() {
      return audioBytes
    },
    get audioMessages() {
      return chunks.map((chunk) => chunk.byteLength)
    },
    get closed() {
      return closed
    },
  }
}

function parse(text: string): { type: string } {
  try {
    const parsed = JSON.parse(text) as { type?: unknown }
    return { ...parsed, type: String(parsed.type) }
  } catch {
    return { type: 'not JSON' }
  }
}
