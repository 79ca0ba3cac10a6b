import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { TranscribeConfig } from '@saywire/protocol'
import type { IndicatorKind, SessionView, StartBlocker } from '../api/desktop-state.ts'
import { HostError } from '../api/host-error.ts'
import type { AudioSource, CaptionSink } from '../core/ports.ts'
import type { RunningSession } from '../core/session-runner.ts'
import { startSession } from '../core/session-runner.ts'

/** How long a session may take to say its last words when the app ends. */
const DRAIN_TIMEOUT_MS = 5000

export interface CaptioningDeps {
  createEngine(): Promise<SpeechEngine>
  createSource(): AudioSource
  config(): TranscribeConfig
  openSinks(startedAtMs: number): CaptionSink[]
  blockers(): readonly StartBlocker[]
  publish(view: Omit<SessionView, 'startBlockers'>): void
  onNotice(level: 'info' | 'warning' | 'error', sentence: string): void
  /** Epoch, ms. */
  readonly now: () => number
}

export interface Captioning {
  /** @throws HostError `not_possible` with what is missing */
  start(): Promise<void>
  /** Resolves when the last words are there. */
  stop(): Promise<void>
  mute(muted: boolean): void
  readonly isRunning: boolean
  /** Ends the session within five seconds. */
  close(): Promise<void>
}

/** The one caption session of the app: begun and ended from window, tray, hotkeys and outside. */
export function createCaptioning(deps: CaptioningDeps): Captioning {
  let running: RunningSession | undefined
  /** Resolves when all that the last session held is let go. */
  let over = Promise.resolve()
  let starting: Promise<void> | undefined
  let view: Omit<SessionView, 'startBlockers'> = {
    indicator: 'idle',
    sentence: undefined,
    isRunning: false,
    isMuted: false,
    startedAtMs: undefined,
    backend: undefined,
    device: undefined,
  }

  function show(change: Partial<typeof view>): void {
    view = { ...view, ...change }
    deps.publish(view)
  }

  async function begin(): Promise<void> {
    const [blocker] = deps.blockers()
    if (blocker) throw new HostError('not_possible', blocker.sentence)
    const startedAtMs = deps.now()
    show({ indicator: 'starting', sentence: undefined, isRunning: true, startedAtMs })
    let engine: SpeechEngine
    try {
      engine = await deps.createEngine()
    } catch (error) {
      const sentence = error instanceof SpeechError ? error.message : 'Captions could not start.'
      show({ indicator: 'failed', sentence, isRunning: false, startedAtMs: undefined })
      throw error
    }
    const source = deps.createSource()
    running = startSession({
      engine,
      source,
      config: deps.config(),
      sinks: deps.openSinks(startedAtMs),
      onNotice: (sentence) => deps.onNotice('warning', sentence),
      onPhase: (phase) => {
        if (phase === 'listening') show({ indicator: 'listening', device: source.name })
        if (phase === 'draining') show({ indicator: 'stopping' })
      },
    })
    over = watch(running, engine)
  }

  async function watch(session: RunningSession, engine: SpeechEngine): Promise<void> {
    const outcome = await session.finished
    await engine.dispose?.()
    running = undefined
    const failed = outcome.kind === 'failed'
    const indicator: IndicatorKind = failed ? 'failed' : 'idle'
    const sentence = failed ? outcome.error.message : undefined
    if (sentence !== undefined) deps.onNotice('error', sentence)
    show({ indicator, sentence, isRunning: false, startedAtMs: undefined, device: undefined })
  }

  async function stop(): Promise<void> {
    await starting?.catch(() => undefined)
    running?.stop()
    await over
  }

  return {
    async start() {
      if (running) return
      starting ??= begin().finally(() => (starting = undefined))
      await starting
    },
    stop,
    mute(muted) {
      show({ isMuted: muted })
    },
    get isRunning() {
      return running !== undefined || starting !== undefined
    },
    async close() {
      const ended = stop()
      const timer = setTimeout(() => running?.stop(), DRAIN_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
