/*
 * Many streamers' apps in one process, which speaks of them to its parent: the core that captions,
 * with a microphone into which a script is said without end.
 */
import { msToBytes } from '@saywire/speech'
import { createManagedEngine } from '@saywire/speech/managed'
import { writeScript } from '@saywire/speech/testing'
import type { AudioListener, AudioSource } from '../../src/core/ports.ts'
import type { RunningSession } from '../../src/core/session-runner.ts'
import { startSession } from '../../src/core/session-runner.ts'
import type { WordTally } from './word-tally.ts'
import { createWordTally } from './word-tally.ts'

export interface Streamer {
  readonly userId: string
  /** Where its server is, on this machine. */
  readonly port: number
}

export type ToStreamers =
  | { readonly type: 'begin'; readonly streamers: readonly Streamer[] }
  | { readonly type: 'token'; readonly id: number; readonly token: string }
  | { readonly type: 'count' }
  /** Everybody stops; answered when the last word is said. */
  | { readonly type: 'stop' }

export interface StreamersCount {
  readonly type: 'count'
  readonly listening: number
  readonly said: number
  readonly lost: number
  readonly doubled: number
  readonly invented: number
  /** Unique audio by user, ms. */
  readonly spokenMs: Readonly<Record<string, number>>
  readonly notices: Readonly<Record<string, number>>
  /** What those who do not listen show instead. */
  readonly otherwise: readonly string[]
}

export type FromStreamers =
  | StreamersCount
  | { readonly type: 'ask-token'; readonly id: number; readonly userId: string }
  | { readonly type: 'stopped' }

interface Running {
  readonly userId: string
  readonly session: RunningSession
  readonly microphone: Microphone
  readonly words: WordTally
  isStopped: boolean
}

interface Microphone extends AudioSource {
  readonly spokenMs: number
  /** No word is under way that would be torn. */
  readonly isBetweenWords: boolean
  speak(): void
}

const FRAME_MS = 20
const FRAME_BYTES = msToBytes(FRAME_MS)
const SCRIPT = writeScript({ seed: 1, durationMs: 120_000 })
/** What a machine that was busy may say at once to catch up. */
const CATCH_UP_FRAMES = 50

const running: Running[] = []
const awaitedTokens = new Map<number, (token: string) => void>()
const notices: Record<string, number> = {}
let lastAsked = 0
const tell = (message: FromStreamers): void => void process.send?.(message)

/** Says the script over and over. One timer drives them all. */
function createMicrophone(): Microphone {
  let listener: AudioListener | undefined
  let frames = 0
  return {
    name: 'script',
    get spokenMs() {
      return frames * FRAME_MS
    },
    get isBetweenWords() {
      const atMs = (frames * FRAME_MS) % SCRIPT.durationMs
      return SCRIPT.words.every(({ startMs, endMs }) => atMs < startMs || atMs > endMs)
    },
    speak() {
      if (!listener) return
      const at = (frames * FRAME_BYTES) % SCRIPT.pcm.byteLength
      const left = SCRIPT.pcm.byteLength - at
      const frame = new Uint8Array(FRAME_BYTES)
      frame.set(SCRIPT.pcm.subarray(at, at + FRAME_BYTES))
      if (left < FRAME_BYTES) frame.set(SCRIPT.pcm.subarray(0, FRAME_BYTES - left), left)
      frames += 1
      listener.onAudio(frame)
    },
    async run(to, signal) {
      listener = to
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      listener = undefined
    },
  }
}

function begin({ userId, port }: Streamer): void {
  const microphone = createMicrophone()
  const words = createWordTally(SCRIPT.words.length)
  const engine = createManagedEngine({
    serverUrl: `http://127.0.0.1:${port}`,
    getToken: async () =>
      new Promise((resolve) => {
        lastAsked += 1
        awaitedTokens.set(lastAsked, resolve)
        tell({ type: 'ask-token', id: lastAsked, userId })
      }),
  })
  const session = startSession({
    engine,
    source: microphone,
    config: { interim_results: true, endpointing: 300, model: 'nova-3' },
    sinks: [
      {
        onEvent(event) {
          if (event.type === 'final') for (const { text } of event.words) words.hear(text)
        },
      },
    ],
    onNotice: (sentence) => (notices[sentence] = (notices[sentence] ?? 0) + 1),
    recovers: true,
  })
  running.push({ userId, session, microphone, words, isStopped: false })
}

function count(): StreamersCount {
  const sum = (what: 'said' | 'lost' | 'doubled' | 'invented') =>
    running.reduce((total, { words }) => total + words[what], 0)
  return {
    type: 'count',
    listening: running.filter(({ session }) => session.status.indicator.kind === 'listening')
      .length,
    said: sum('said'),
    lost: sum('lost'),
    doubled: sum('doubled'),
    invented: sum('invented'),
    spokenMs: Object.fromEntries(
      running.map(({ userId, microphone }) => [userId, microphone.spokenMs]),
    ),
    notices,
    otherwise: running.flatMap(({ session }) => {
      const { indicator } = session.status
      return indicator.kind === 'listening' ? [] : [JSON.stringify(indicator)]
    }),
  }
}

const startedAtMs = performance.now()
let spoken = 0
let isStopping = false
const speaking = setInterval(() => {
  const due = Math.floor((performance.now() - startedAtMs) / FRAME_MS)
  const late = Math.max(0, due - spoken - CATCH_UP_FRAMES)
  for (spoken += late; spoken < due; spoken += 1) {
    for (const one of running) {
      if (one.isStopped) continue
      one.isStopped = isStopping && one.microphone.isBetweenWords
      // A second time would mean: at once, without the last words.
      if (one.isStopped) one.session.stop()
      else one.microphone.speak()
    }
  }
}, FRAME_MS)

process.on('message', (message: ToStreamers) => {
  switch (message.type) {
    case 'begin':
      return message.streamers.forEach(begin)
    case 'token': {
      awaitedTokens.get(message.id)?.(message.token)
      awaitedTokens.delete(message.id)
      return undefined
    }
    case 'count':
      return tell(count())
    case 'stop': {
      isStopping = true
      const finished = running.map(async ({ session }) => session.finished)
      return void Promise.all(finished).then(() => {
        clearInterval(speaking)
        tell(count())
        tell({ type: 'stopped' })
      })
    }
  }
})
process.once('disconnect', () => process.exit())
// It has to answer, too, when nobody speaks any more.
process.channel?.ref()
tell({ type: 'stopped' })
