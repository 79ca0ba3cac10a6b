import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultPoint } from './scripted-run.ts'

/** The two between whom it happens. */
export type FaultLeg = 'app–server' | 'server–Deepgram' | 'app–Deepgram'

export interface FaultCase {
  readonly leg: FaultLeg
  readonly name: string
  /** How often it comes, beside the others; 0: see `inQuick`. */
  readonly share: number
  readonly inQuick: boolean
  /** Another engine stands by. Default false: the chosen one must do it. */
  readonly hasFallback?: boolean
  readonly needsRelay?: boolean
  strike(point: FaultPoint): void | Promise<void>
}

const REFUSALS = [401, 429, 503]
const MALFORMED = [
  'not JSON',
  '{"type":"Results"',
  '[]',
  'null',
  '{"type":"Results","channel":null,"start":"soon"}',
  '{"type":"transcript","text":7}',
  '{"type":"ack","audio_ms":-1}',
]
const HUGE_BYTES = 4 << 20
const DEEP = 10_000

function huge(): string[] {
  const long = JSON.stringify({ type: 'surprise', text: 'x'.repeat(HUGE_BYTES) })
  return [long, `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`]
}

/** Seldom longer than what anyone would call a hiccup. */
function stallMs({ random }: FaultPoint): number {
  return random() < 0.7 ? 5000 + random() * 3000 : random() < 0.7 ? 15_000 : 60_000
}

const httpAnswer = (status: number) =>
  `HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`

/** A frame of 40 ms of audio has 1,280 bytes; a message of words, some hundred. */
const someBytes = ({ random }: FaultPoint) => 1 + Math.floor(random() * 1500)

const APP_SERVER: Omit<FaultCase, 'leg'>[] = [
  { name: 'RST', share: 4, inQuick: true, strike: (to) => hitClient(to, { action: 'reset' }) },
  { name: 'FIN', share: 2, inQuick: false, strike: (to) => hitClient(to, { action: 'end' }) },
  {
    name: 'close 1008',
    share: 1,
    inQuick: false,
    needsRelay: true,
    strike: ({ relay }) => relay?.close(1008),
  },
  {
    name: 'close 1011',
    share: 1,
    inQuick: true,
    needsRelay: true,
    strike: ({ relay }) => relay?.close(1011),
  },
  {
    name: 'half-open',
    share: 3,
    inQuick: true,
    strike: (to) => hitClient(to, { action: 'half-open' }),
  },
  {
    name: 'half-open, down only',
    share: 2,
    inQuick: false,
    strike: (to) => hitClient(to, { action: 'half-open', direction: 'down' }),
  },
  {
    name: 'stall 5–60 s',
    share: 3,
    inQuick: false,
    strike: (to) => hitClient(to, { action: 'stall', durationMs: stallMs(to) }),
  },
  {
    name: 'stall 5 s',
    share: 1,
    inQuick: true,
    strike: (to) => hitClient(to, { action: 'stall', durationMs: 5000 }),
  },
  {
    name: 'cut in mid-frame, up',
    share: 3,
    inQuick: true,
    strike: (to) => hitClient(to, { action: 'cut', afterBytes: someBytes(to), direction: 'up' }),
  },
  {
    name: 'cut in mid-frame, down',
    share: 3,
    inQuick: true,
    strike: (to) => hitClient(to, { action: 'cut', afterBytes: someBytes(to), direction: 'down' }),
  },
  ...[429, 503].map((status) => ({
    name: `RST, then refused ${status}`,
    share: 2,
    inQuick: status === 503,
    strike({ client }: FaultPoint) {
      client.strikeNext({ action: 'answer', text: httpAnswer(status) })
      client.strikeNext({ action: 'answer', text: httpAnswer(status) })
      client.strike({ action: 'reset' })
    },
  })),
  {
    name: 'away for 5–20 s',
    share: 2,
    inQuick: false,
    async strike({ client, random }) {
      client.refuses = true
      client.strike({ action: 'reset' })
      await sleep(5000 + random() * 15_000)
      client.refuses = false
    },
  },
  {
    name: 'malformed JSON',
    share: 2,
    inQuick: true,
    needsRelay: true,
    strike({ relay }) {
      for (const message of MALFORMED) relay?.say(message)
    },
  },
  {
    name: 'huge JSON',
    share: 1,
    inQuick: true,
    needsRelay: true,
    strike({ relay }) {
      for (const message of huge()) relay?.say(message)
    },
  },
  {
    name: 'RST, twice in 2 s',
    share: 2,
    inQuick: true,
    async strike({ client, random }) {
      client.strike({ action: 'reset' })
      await sleep(300 + random() * 1700)
      client.strike({ action: 'reset' })
    },
  },
  {
    name: 'gone for good, local takes over',
    share: 4,
    inQuick: true,
    hasFallback: true,
    strike({ client }) {
      client.refuses = true
      client.strike({ action: 'reset' })
    },
  },
  {
    name: 'silent for good, local takes over',
    share: 2,
    inQuick: false,
    hasFallback: true,
    strike({ client }) {
      for (let i = 0; i < 20; i++) client.strikeNext({ action: 'half-open' })
      client.strike({ action: 'half-open' })
    },
  },
]

function hitClient({ client }: FaultPoint, fault: Parameters<FaultPoint['upstream']>[0]): void {
  client.strike(fault)
}

/** What Deepgram and the way to it do, whoever it is that speaks with it. */
function deepgramCases(
  hit: (point: FaultPoint, fault: Parameters<FaultPoint['upstream']>[0]) => void,
): Omit<FaultCase, 'leg'>[] {
  return [
    ...[1008, 1011].map((code) => ({
      name: `close ${code}`,
      share: 2,
      inQuick: code === 1011,
      strike: ({ deepgram }: FaultPoint) => deepgram({ on: 'audio', action: 'close', code }),
    })),
    {
      name: 'drop (1006)',
      share: 3,
      inQuick: true,
      strike: ({ deepgram }) => deepgram({ on: 'audio', action: 'drop' }),
    },
    {
      name: 'half-open',
      share: 3,
      inQuick: true,
      strike: (to) => hit(to, { action: 'half-open' }),
    },
    {
      name: 'reads on, says nothing',
      share: 2,
      inQuick: true,
      strike: ({ deepgram }) => deepgram({ on: 'audio', action: 'mute' }),
    },
    {
      name: 'stall 5–60 s',
      share: 3,
      inQuick: false,
      strike: (to) => hit(to, { action: 'stall', durationMs: stallMs(to) }),
    },
    {
      name: 'cut in mid-frame, up',
      share: 2,
      inQuick: true,
      strike: (to) => hit(to, { action: 'cut', afterBytes: someBytes(to), direction: 'up' }),
    },
    {
      name: 'cut in mid-frame, down',
      share: 2,
      inQuick: true,
      strike: (to) => hit(to, { action: 'cut', afterBytes: someBytes(to), direction: 'down' }),
    },
    ...REFUSALS.map((status) => ({
      name: `drop, then refused ${status}`,
      share: 2,
      inQuick: status === 429,
      // A refused key ends what a reconnect could mend: only another engine helps.
      hasFallback: status === 401,
      strike({ deepgram }: FaultPoint) {
        const retry = status === 429 ? { retryAfterS: 1 } : {}
        deepgram({ on: 'connect', action: 'refuse', status, ...retry })
        deepgram({ on: 'audio', action: 'drop' })
      },
    })),
    {
      name: 'malformed JSON',
      share: 2,
      inQuick: true,
      strike: ({ deepgram }) => deepgram({ on: 'audio', action: 'say', messages: MALFORMED }),
    },
    {
      name: 'huge JSON',
      share: 1,
      inQuick: true,
      strike: ({ deepgram }) => deepgram({ on: 'audio', action: 'say', messages: huge() }),
    },
    {
      name: 'every final twice',
      share: 1,
      inQuick: false,
      strike: ({ deepgram }) => deepgram({ on: 'audio', action: 'repeat-finals' }),
    },
  ]
}

/** What befalls one session; see server-cases.ts for what befalls all of a server. */
export const faultCases: readonly FaultCase[] = [
  ...on('app–server', APP_SERVER),
  ...on(
    'server–Deepgram',
    deepgramCases((to, fault) => to.upstream(fault)),
  ),
  ...on('app–Deepgram', deepgramCases(hitClient)),
]

function on(leg: FaultLeg, cases: readonly Omit<FaultCase, 'leg'>[]): FaultCase[] {
  return cases.map((each) => Object.assign({ leg }, each))
}
