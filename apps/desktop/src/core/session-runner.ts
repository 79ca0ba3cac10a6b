import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechError, SpeechEvent } from '@saywire/speech'
import { bytesToMs, emptyTranscript, reduceTranscript } from '@saywire/speech'
import { createEngineLine } from './engine-line.ts'
import type { Latency, PaintedCaption } from './latency.ts'
import { createLatencyTracker } from './latency.ts'
import type { EngineChoice } from './open-engine.ts'
import type { AudioListener, AudioSource, CaptionSink, Clock } from './ports.ts'
import { CaptureError, systemClock } from './ports.ts'
import type { EngineRole, SessionCommand, SessionEvent, SessionOutcome } from './session.ts'
import { idleSession } from './session.ts'
import type { SessionIndicator } from './session-indicator.ts'
import { sessionIndicator } from './session-indicator.ts'
import { stepSession } from './step-session.ts'

/** How long sinks may take to write what they still have. */
const SINKS_TIMEOUT_MS = 5000

export interface SessionDeps {
  /** The chosen engine. It and every later one must live until the session has finished. */
  readonly engine: SpeechEngine
  readonly source: AudioSource
  readonly config: TranscribeConfig
  readonly sinks: readonly CaptionSink[]
  /** One sentence for the user while the session goes on; the newest about the microphone holds. */
  readonly onNotice: (sentence: string, topic?: 'microphone') => void
  /** Called with each change. */
  readonly onStatus?: (status: SessionStatus) => void
  /** Default: nothing is muted. */
  readonly startMuted?: boolean
  /** An engine that fails is opened again, or replaced. Default: it ends the session. */
  readonly recovers?: boolean
  /** Speaks while the chosen engine cannot be had, where the session recovers. */
  readonly fallback?: () => Promise<SpeechEngine>
  readonly clock?: Clock
}

/** What a session looks like from outside. */
export interface SessionStatus {
  readonly indicator: SessionIndicator
  readonly isMuted: boolean
  /** It is not the chosen engine that speaks, whatever the indicator shows besides. */
  readonly isFallback: boolean
  /** The engine that speaks now, for people: `whisper base.en`. */
  readonly backend: string | undefined
  /** The device that is recorded now. */
  readonly device: string | undefined
}

export interface RunningSession {
  readonly status: SessionStatus
  readonly latency: Latency
  /** An overlay page shows a caption. */
  painted(caption: PaintedCaption): void
  /** Ends the session with its last finals; called again, at once. */
  stop(): void
  /** While it is muted nothing reaches an engine, and what was being said becomes final. */
  mute(muted: boolean): void
  /** The chosen engine may work again: the user paid, or logged in. */
  retryChosen(): void
  /** From now on this engine, with this configuration; no word is lost on the way. */
  switchEngine(engine: SpeechEngine, config?: TranscribeConfig): void
  /** The chosen engine with other settings. */
  reconfigure(config: TranscribeConfig): void
  /** Never rejects. */
  readonly finished: Promise<SessionOutcome>
}

/**
 * The only impure part of a session: carries out what the reducer commands. Audio goes from the
 * source straight to the engine and never through the reducer.
 */
export function startSession(deps: SessionDeps): RunningSession {
  const { source, sinks, fallback, clock = systemClock } = deps
  const { recovers = false, startMuted = false } = deps
  const sourceAbort = new AbortController()
  let chosen = { engine: deps.engine, config: deps.config }
  let state = idleSession({ recovers, hasFallback: fallback !== undefined, isMuted: startMuted })
  let device: string | undefined
  let transcript = emptyTranscript
  let cancelTimer: (() => void) | undefined
  let resolveFinished: (outcome: SessionOutcome) => void
  const finished = new Promise<SessionOutcome>((resolve) => {
    resolveFinished = resolve
  })

  const latency = createLatencyTracker()
  const line = createEngineLine({
    clock,
    latency,
    onEvent: tell,
    onOpened: () => dispatch({ type: 'engine-opened' }),
    onFailed: (error) => fail({ type: 'engine-failed', error }),
    onEnded: () => dispatch({ type: 'engine-ended' }),
    onStandbyOpened: () => dispatch({ type: 'standby-opened' }),
    onStandbyFailed: (error) => dispatch({ type: 'standby-failed', error }),
    onUnheard: (durationMs) =>
      deps.onNotice(`${Math.ceil(durationMs / 1000)} seconds of speech have no captions.`),
  })

  function dispatch(event: SessionEvent): void {
    const next = stepSession(state, event)
    state = next.state
    for (const command of next.commands) carryOut(command)
    if (state.phase !== 'listening' || !state.standby) line.dropStandby()
    publish()
  }

  function carryOut(command: SessionCommand): void {
    switch (command.do) {
      case 'open':
        cancelTimer?.()
        return line.open({ ...choice(command.role), withinMs: command.withinMs })
      case 'wait':
        cancelTimer?.()
        cancelTimer = clock.after(command.delayMs, () => dispatch({ type: 'time-up' }))
        return
      case 'open-standby':
        return line.openStandby(choice('chosen'))
      case 'swap':
        return line.swap()
      case 'start-source':
        return void runSource()
      case 'stop-source':
        return sourceAbort.abort()
      case 'mute':
        if (command.muted) line.finalize()
        return source.setMuted?.(command.muted)
      case 'close-engine':
        return line.close()
      case 'finish':
        return void finish()
    }
  }

  function choice(role: EngineRole): EngineChoice {
    const { engine, config } = chosen
    return { engine: (role === 'fallback' && fallback) || (async () => engine), config }
  }

  /** Sinks hear of an error only where it is the end: otherwise the session goes on. */
  function fail(event: { readonly type: 'engine-failed'; readonly error: SpeechError }): void {
    const ends = stepSession(state, event).state.phase === 'ended'
    if (ends) {
      settleInterim()
      tell({ type: 'error', error: event.error })
    }
    dispatch(event)
  }

  /** What stands on the screen when no engine will say it again is the last word on it. */
  function settleInterim(): void {
    const { interim } = transcript
    if (recovers && interim) tell({ ...interim, type: 'final', speechFinal: true })
  }

  /** A sink that fails costs its own captions only. */
  function tell(event: SpeechEvent): void {
    transcript = reduceTranscript(transcript, event)
    for (const sink of sinks) {
      try {
        sink.onEvent(event, transcript)
      } catch (error) {
        deps.onNotice(`Captions could not be shown: ${String(error)}`)
      }
    }
  }

  const began = () => {
    if (!state.hasAudio) dispatch({ type: 'source-began' })
  }
  const listener: AudioListener = {
    onAudio(pcm) {
      began()
      if (state.isMuted) line.addGap(bytesToMs(pcm.byteLength), 'muted')
      else line.addAudio(pcm)
    },
    // A short gap would be filled with silence, and that would be audio too.
    onGap(durationMs, reason) {
      began()
      line.addGap(durationMs, state.isMuted ? 'muted' : reason)
    },
    onDevice(name) {
      device = name
      // What was said before is waited for, and whatever comes next may be long in coming.
      if (name === undefined) line.finalize()
      dispatch({ type: 'device-changed', isPresent: name !== undefined })
    },
    onNotice: (sentence) => deps.onNotice(sentence, 'microphone'),
    bufferedMs: () => line.bufferedMs,
  }

  async function runSource(): Promise<void> {
    try {
      await source.run(listener, sourceAbort.signal)
      dispatch({ type: 'source-ended' })
    } catch (cause) {
      dispatch({ type: 'source-failed', error: asCaptureError(cause) })
    }
  }

  async function finish(): Promise<void> {
    cancelTimer?.()
    sourceAbort.abort()
    line.abort()
    settleInterim()
    await closeSinks()
    resolveFinished(state.phase === 'ended' ? state.outcome : { kind: 'stopped' })
  }

  /** A disk or a network that hangs must not hold up the next session. */
  async function closeSinks(): Promise<void> {
    let cancel: () => void = () => undefined
    const tooLate = new Promise<void>((resolve) => {
      cancel = clock.after(SINKS_TIMEOUT_MS, () => {
        deps.onNotice('The end of the captions could not be written everywhere.')
        resolve()
      })
    })
    const closed = Promise.allSettled(sinks.map(async (sink) => sink.close?.()))
    await Promise.race([closed, tooLate])
    cancel()
  }

  function status(): SessionStatus {
    const indicator = sessionIndicator(state)
    const isFallback = state.phase === 'listening' && state.failure !== undefined
    return { indicator, isMuted: state.isMuted, isFallback, backend: line.backend, device }
  }

  let published = JSON.stringify(status())
  function publish(): void {
    const now = status()
    const text = JSON.stringify(now)
    if (text === published) return
    published = text
    deps.onStatus?.(now)
  }

  if (startMuted) source.setMuted?.(true)
  dispatch({ type: 'start' })
  return {
    get status() {
      return status()
    },
    get latency() {
      return latency.read()
    },
    painted: latency.onPainted,
    stop: () => dispatch({ type: 'stop' }),
    mute: (muted) => dispatch({ type: 'mute', muted }),
    retryChosen: () => dispatch({ type: 'retry-chosen' }),
    switchEngine(engine, config = chosen.config) {
      chosen = { engine, config }
      dispatch({ type: 'engine-chosen' })
    },
    reconfigure(config) {
      chosen = { ...chosen, config }
      dispatch({ type: 'engine-chosen' })
    },
    finished,
  }
}

function asCaptureError(cause: unknown): CaptureError {
  if (cause instanceof CaptureError) return cause
  return new CaptureError('capture_unavailable', 'The audio source failed unexpectedly.', cause)
}
