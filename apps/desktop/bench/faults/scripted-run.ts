import { setTimeout as sleep } from 'node:timers/promises'
import type { SpeechEngine, Word } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createManagedEngine } from '@saywire/speech/managed'
import type {
  CutterFault,
  FakeDeepgramFault,
  ScriptedSpeech,
  SocketRelay,
  TcpCutter,
} from '@saywire/speech/testing'
import { startSocketRelay, startTcpCutter } from '@saywire/speech/testing'
import { renderTranscript } from '../../src/files/caption-formats.ts'
import type { ParsedCue } from '../../src/files/testing/parse-subtitles.ts'
import { parseSrt } from '../../src/files/testing/parse-subtitles.ts'
import type { FaultStage } from './fault-stage.ts'
import type { WordFaults } from './heard-words.ts'
import { compareWords } from './heard-words.ts'
import type { Opening } from './opening-times.ts'
import { timeOpenings } from './opening-times.ts'
import type { SessionRun } from './run-session.ts'
import { PATIENCE_MS, runSession } from './run-session.ts'

/** Everything that a fault can be done to. */
export interface FaultPoint {
  readonly stage: FaultStage
  /** Between the app and what it speaks to. */
  readonly client: TcpCutter
  /** In front of that cutter, where the fault is a message. */
  readonly relay: SocketRelay | undefined
  /** Between the server and Deepgram: this session's stream only. */
  upstream(fault: CutterFault): void
  /** Deepgram itself, to this session's stream only. */
  deepgram(fault: Exclude<FakeDeepgramFault, { on: 'check-key' }>): void
  /** In [0, 1), from the run's seed. */
  readonly random: () => number
}

export interface ScriptedRunOptions {
  readonly stage: FaultStage
  readonly script: ScriptedSpeech
  /** `managed`: by the server; `byok`: straight to Deepgram. */
  readonly route: 'managed' | 'byok'
  /** Of the server that is there for new connections. */
  readonly port: () => number
  /** Another engine stands by for the user's local one. */
  readonly hasFallback: boolean
  readonly needsRelay: boolean
  readonly random: () => number
  /** What happens when, in ms after the first sample. */
  readonly fault?: { readonly atMs: number; strike(point: FaultPoint): void | Promise<void> }
}

export interface ScriptedRunResult extends WordFaults {
  readonly cues: readonly ParsedCue[]
  /** The longest that a spoken word waited until it was first seen. */
  readonly worstLagMs: number
  /** `completed`, or how else it ended and why. */
  readonly outcome: string
  /** Some of it was said by the fall-back. */
  readonly fellBack: boolean
  /** Undefined where nobody bills. */
  readonly chargedMs: number | undefined
  /** Rows that the server made for it. */
  readonly sessions: number
  readonly notices: readonly string[]
  readonly shown: SessionRun['shown']
  /** Of the chosen engine. */
  readonly openings: readonly Opening[]
  /** Words of the finals, as they came. */
  readonly heard: readonly Word[]
}

const SETTLE_MS = 20_000
const CALM_MS = 1000
const CREDIT_MS = 3_600_000
const FACTS = { title: '', startedAt: new Date(0), engine: '', language: 'en', files: [] }
let lastTag = 0

/** One session of the app's own core, from its microphone to its subtitles. */
export async function runScript(options: ScriptedRunOptions): Promise<ScriptedRunResult> {
  const { stage, script, route, fault } = options
  lastTag += 1
  const tag = `run${lastTag}x`
  // One address each, as people have: the server limits how many strangers come from one.
  const localAddress = `127.0.${1 + (lastTag >> 7)}.${1 + (lastTag & 127)}`
  await using client = await startTcpCutter(() =>
    route === 'managed' ? { port: options.port(), localAddress } : portOf(stage.deepgram.url),
  )
  await using relay = options.needsRelay
    ? await startSocketRelay(`ws://127.0.0.1:${client.port}`)
    : undefined
  const userId = route === 'managed' ? await stage.backstage.addUser(CREDIT_MS) : undefined
  const port = relay?.port ?? client.port
  const engine =
    userId === undefined
      ? createDeepgramEngine({ apiKey: stage.deepgram.apiKey, url: `ws://127.0.0.1:${port}` })
      : createManagedEngine({
          serverUrl: `http://127.0.0.1:${port}`,
          getToken: async () => stage.backstage.issueToken(userId),
        })

  const point: FaultPoint = {
    stage,
    client,
    relay,
    random: options.random,
    upstream: (what) => void stage.upstream.strike(what, ({ head }) => head.includes(tag)),
    deepgram: (what) => void stage.deepgram.faults.push({ ...what, keyterm: tag }),
  }
  const openings: Opening[] = []
  const run = await runSession({
    engine: timeOpenings(engine, openings),
    config: { interim_results: true, endpointing: 300, keyterm: [tag], model: 'nova-3' },
    pcm: script.pcm,
    fault: fault && { atMs: fault.atMs, strike: () => fault.strike(point) },
    ...(options.hasFallback && { fallback: async () => localEngine(stage) }),
  })
  const lags = script.words.map(
    ({ text, endMs }) => (run.firstSeenMs.get(text) ?? script.durationMs + PATIENCE_MS) - endMs,
  )
  const heard = run.finals.flatMap(({ words }) => words)
  const bill = userId === undefined ? undefined : await readBill(stage, userId, run.fellBack)
  return {
    ...compareWords(script.words, heard),
    cues: parseSrt(renderTranscript(run.finals, 'srt', FACTS, { timestamps: false })),
    worstLagMs: Math.max(...lags),
    outcome: run.outcome,
    fellBack: run.fellBack,
    chargedMs: bill?.chargedMs,
    sessions: bill?.sessions ?? 0,
    notices: run.notices,
    shown: run.shown,
    openings,
    heard,
  }
}

/** Stands for Whisper: understands the same speech, without the network that is at fault. */
function localEngine({ deepgram }: FaultStage): SpeechEngine {
  return createDeepgramEngine({ apiKey: deepgram.apiKey, url: deepgram.url })
}

/** What it comes to once the server has closed the books, and no entry came for a while. */
async function readBill(stage: FaultStage, userId: string, fellBack: boolean) {
  // What was left behind is kept for a minute, in case that somebody comes back for it.
  const deadlineMs = performance.now() + (fellBack ? CALM_MS : SETTLE_MS)
  for (let lastMs = Number.NaN; ;) {
    const { rows, leases } = await stage.backstage.sessions(userId)
    const chargedMs = await stage.backstage.chargedMs(userId)
    const isSettled = leases === 0 && chargedMs === lastMs
    if (isSettled || performance.now() > deadlineMs) return { sessions: rows.length, chargedMs }
    lastMs = chargedMs
    await sleep(CALM_MS)
  }
}

function portOf(url: string): { readonly port: number } {
  return { port: Number(new URL(url).port) }
}
