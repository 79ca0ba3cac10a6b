import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { SessionView, StartBlocker } from '../api/desktop-state.ts'
import { HostError } from '../api/host-error.ts'
import type { AudioSource, CaptionSink, ReplayStore } from '../core/ports.ts'
import type { Latency, PaintedCaption } from '../core/latency.ts'
import type { RunningSession, SessionDeps, SessionStatus } from '../core/session-runner.ts'
import type { SilenceGate } from '../core/silence-gate.ts'
import { withSilenceGate } from '../core/silence-gate.ts'
import type { CaptureZero } from './capture-zero.ts'
import { withCaptureZero } from './capture-zero.ts'
import type { IncidentLog } from './incident-log.ts'
import type { StandIn } from './stand-in.ts'

/**
 * How long a session may take to say its last words when the app ends: on a machine that plays and
 * encodes beside it, the local engine is seconds behind.
 */
const DRAIN_TIMEOUT_MS = 15_000

type View = Omit<SessionView, 'startBlockers'>

export interface CaptioningDeps {
  /** The engine that the settings name. @throws SpeechError */
  createEngine(): Promise<SpeechEngine>
  /** What takes over while the chosen engine cannot be had. */
  readonly standIn: Pick<StandIn, 'isUsable' | 'begin' | 'engine' | 'end'>
  readonly incidents: IncidentLog
  /** Before the session's engine is opened. */
  onBegin(): void
  createSource(isMuted: boolean): { readonly source: AudioSource; whenOver(): void }
  config(): TranscribeConfig
  /** Whether silence is kept from the engine, as the settings are now. */
  gatesSilence(): boolean
  /** Where a session's speech waits while no engine can be had, beyond what memory keeps. */
  readonly replayStore?: ReplayStore | undefined
  openSinks(session: SessionForSinks): CaptionSink[]
  startSession(session: SessionDeps): RunningSession
  blockers(): readonly StartBlocker[]
  publish(view: View): void
  onNotice(level: 'info' | 'warning' | 'error', sentence: string, topic?: 'microphone'): void
  /** Epoch, ms. */
  readonly now: () => number
}

/** What sinks may want to know of the session that they are told about. */
export interface SessionForSinks {
  /** Undefined until there was audio. */
  zero(): CaptureZero | undefined
  /** The engine that speaks now. */
  backend(): string | undefined
  isFallback(): boolean
}

export interface Captioning {
  /** @throws HostError `not_possible` with what is missing; SpeechError */
  start(): Promise<void>
  /** Resolves when the last words are there and the engine is let go. */
  stop(): Promise<void>
  /** Also without a session: the next one begins muted. */
  mute(muted: boolean): void
  /** The settings name another engine now. No word is lost on the way. */
  switchEngine(): Promise<void>
  /** The same engine, with the configuration that the settings name now. */
  reconfigure(): void
  /** The settings may say otherwise now about what is done with silence. */
  applySilenceGate(): void
  /** The chosen engine may work again: the user paid, or logged in. */
  retryChosen(): void
  /** The stand-in can be had from now on, or no more. */
  setFallback(isUsable: boolean): void
  readonly isRunning: boolean
  /** How late captions are; undefined without a session. */
  latency(): Latency | undefined
  /** An overlay page shows a caption. */
  painted(caption: PaintedCaption): void
  /** Ends the session with its last words, within 15 seconds. */
  close(): Promise<void>
}

interface Running {
  readonly session: RunningSession
  readonly gate: SilenceGate
  /** Engines live as long as the session that they were made for. */
  readonly engines: SpeechEngine[]
  /** It was told to stop, and says its last words. */
  isStopping: boolean
}

const idle = {
  indicator: 'idle',
  sentence: undefined,
  isRunning: false,
  startedAtMs: undefined,
  backend: undefined,
  device: undefined,
  isFallback: false,
  trouble: undefined,
  nextTryAtMs: undefined,
} as const satisfies Partial<View>

/** The one caption session of the app: begun and ended from window, tray, hotkeys and outside. */
export function createCaptioning(deps: CaptioningDeps): Captioning {
  let running: Running | undefined
  let starting: Promise<void> | undefined
  /** A wish to stop that is being fulfilled; what is started after it waits for it. */
  let stopping: Promise<void> | undefined
  let isClosed = false
  /** Resolves when all that the last session held is let go. */
  let over = Promise.resolve()
  let switches = 0
  let view: View = { ...idle, isMuted: false, silenceMs: 0, incidents: [] }

  function show(change: Partial<View>): void {
    view = { ...view, ...change }
    deps.publish(view)
  }

  function showStatus(status: SessionStatus): void {
    const { indicator, isMuted, backend, device, isFallback, nextTryInMs } = status
    const sentence = 'sentence' in indicator ? indicator.sentence : undefined
    const nextTryAtMs = nextTryInMs === undefined ? undefined : Math.round(deps.now() + nextTryInMs)
    const trouble = status.trouble?.sentence
    const incidents = deps.incidents.follow(status)
    const shown = {
      sentence,
      isMuted,
      backend,
      device,
      isFallback,
      trouble,
      nextTryAtMs,
      incidents,
    }
    show({ indicator: indicator.kind, ...shown })
  }

  /** A few times a second while it is silent; shown once a second. */
  function showSilence(savedMs: number): void {
    const silenceMs = Math.floor(savedMs / 1000) * 1000
    if (silenceMs !== view.silenceMs) show({ silenceMs })
  }

  async function begin(): Promise<void> {
    await stopping
    await over
    if (isClosed) throw new HostError('not_possible', 'Saywire is about to end: start it again.')
    const [blocker] = deps.blockers()
    if (blocker) throw new HostError('not_possible', blocker.sentence)
    const startedAtMs = deps.now()
    deps.incidents.begin()
    const fresh = { ...idle, silenceMs: 0, incidents: [] }
    show({ ...fresh, indicator: 'starting', isRunning: true, startedAtMs })
    let engine: SpeechEngine
    try {
      engine = await deps.createEngine()
    } catch (error) {
      show({ ...idle, indicator: 'failed', sentence: sentenceOf(error) })
      throw error
    }
    over = run(engine)
  }

  /** Never rejects. */
  async function run(engine: SpeechEngine): Promise<void> {
    const engines: [SpeechEngine, ...SpeechEngine[]] = [engine]
    deps.onBegin()
    deps.standIn.begin()
    const { source, whenOver } = deps.createSource(view.isMuted)
    let problem: string | undefined
    try {
      const { session, gate } = begun(engines, source)
      running = { session, gate, engines, isStopping: false }
      const outcome = await session.finished
      if (outcome.kind === 'failed') problem = outcome.error.message
    } catch (error) {
      problem = sentenceOf(error)
    }
    running = undefined
    whenOver()
    await Promise.allSettled([deps.standIn.end(), ...engines.map(async (one) => one.dispose?.())])
    if (problem === undefined) return show(idle)
    deps.onNotice('error', problem)
    show({ ...idle, indicator: 'failed', sentence: problem })
  }

  function begun(engines: [SpeechEngine, ...SpeechEngine[]], microphone: AudioSource) {
    const { source, zero } = withCaptureZero(microphone)
    const gate = withSilenceGate(source, { enabled: deps.gatesSilence(), onSaved: showSilence })
    const status = () => running?.session.status
    const sinks = deps.openSinks({
      zero,
      backend: () => status()?.backend,
      isFallback: () => status()?.isFallback ?? false,
    })
    const session = deps.startSession({
      engine: engines[0],
      source: gate,
      config: deps.config(),
      sinks,
      startMuted: view.isMuted,
      recovers: true,
      replayStore: deps.replayStore,
      fallback: async () => deps.standIn.engine(),
      isFallbackUsable: deps.standIn.isUsable,
      onNotice: (sentence, topic) => deps.onNotice('warning', sentence, topic),
      onStatus: showStatus,
    })
    return { session, gate }
  }

  async function stop(): Promise<void> {
    const begun = starting
    starting = undefined
    const mine: Promise<void> = (stopping = end(begun).finally(() => {
      if (stopping === mine) stopping = undefined
    }))
    await mine
  }

  async function end(begun: Promise<void> | undefined): Promise<void> {
    await begun?.catch(() => undefined)
    // A second wish to stop must not cost the last words that the first one waits for.
    if (running && !running.isStopping) {
      running.isStopping = true
      running.session.stop()
    }
    await over
  }

  return {
    async start() {
      if (running && !running.isStopping && !stopping) return
      if (starting) return starting
      const mine: Promise<void> = (starting = begin().finally(() => {
        if (starting === mine) starting = undefined
      }))
      await mine
    },
    stop,
    mute(muted) {
      show({ isMuted: muted })
      running?.session.mute(muted)
    },
    async switchEngine() {
      await starting?.catch(() => undefined)
      const inSession = running
      if (!inSession) return
      const mine = ++switches
      try {
        const engine = await deps.createEngine()
        // The user has chosen yet another one meanwhile.
        if (mine !== switches) return
        inSession.engines.push(engine)
        inSession.session.switchEngine(engine, deps.config())
      } catch (error) {
        const why = error instanceof SpeechError ? error.message : 'It could not be started.'
        deps.onNotice('warning', `Captions go on with the engine from before. ${why}`)
      }
    },
    reconfigure: () => running?.session.reconfigure(deps.config()),
    applySilenceGate: () => running?.gate.setEnabled(deps.gatesSilence()),
    retryChosen: () => running?.session.retryChosen(),
    setFallback: (isUsable) => running?.session.setFallback(isUsable),
    get isRunning() {
      return running !== undefined || starting !== undefined
    },
    latency: () => running?.session.latency,
    painted: (caption) => running?.session.painted(caption),
    async close() {
      isClosed = true
      const ended = stop()
      const timer = setTimeout(() => running?.session.stop(), DRAIN_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof SpeechError ? error.message : 'Captions could not start.'
}
