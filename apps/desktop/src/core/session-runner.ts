import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechActivity, SpeechEngine, SpeechError, SpeechEvent } from '@saywire/speech'
import { bytesToMs, emptyTranscript, reduceTranscript } from '@saywire/speech'
import { closeSinks } from './close-sinks.ts'
import { createEngineLine } from './engine-line.ts'
import type { Latency, PaintedCaption } from './latency.ts'
import { createLatencyTracker } from './latency.ts'
import type { EngineChoice } from './open-engine.ts'
import type { AudioListener, AudioSource, CaptionSink, Clock, ReplayStore } from './ports.ts'
import { CaptureError, systemClock } from './ports.ts'
import type { EngineRole, SessionCommand, SessionEvent, SessionOutcome } from './session.ts'
import { idleSession } from './session.ts'
import type { SessionIndicator, SessionTrouble } from './session-indicator.ts'
import { sessionIndicator, sessionTrouble, speaksInstead } from './session-indicator.ts'
import { createSessionTimers } from './session-timers.ts'
import { stepSession } from './step-session.ts'

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
  /** Whether the fall-back can be had at the start; told by `setFallback` when it changes. Default: yes. */
  readonly isFallbackUsable?: boolean
  /** Where speech waits, beyond a minute of it, while no engine can be had. Default: nowhere. */
  readonly replayStore?: ReplayStore | undefined
  /** What may be speech. Default: as the sound says. */
  readonly speechActivity?: SpeechActivity | undefined
  readonly clock?: Clock
  /** From 0 to 1. */
  readonly random?: () => number
}

/** What a session looks like from outside. */
export interface SessionStatus {
  readonly indicator: SessionIndicator
  readonly isMuted: boolean
  /** It is not the chosen engine that speaks, whatever the indicator shows besides. */
  readonly isFallback: boolean
  /** Why the chosen engine does not speak, where the session goes on without it. */
  readonly trouble: SessionTrouble | undefined
  /** When the chosen engine is tried again, ms from now; undefined where that is not planned. */
  readonly nextTryInMs: number | undefined
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
  /** The fall-back can be had from now on, or no more. */
  setFallback(isUsable: boolean): void
  /** From now on this engine, with this configuration; no word is lost on the way. */
  switchEngine(engine: SpeechEngine, config?: TranscribeConfig): void
  /** The same engines with other settings, from now on: what was said before is final first. */
  reconfigure(config: TranscribeConfig): void
  /** Never rejects. */
  readonly finished: Promise<SessionOutcome>
}

/**
 * The only impure part of a session: carries out what the reducer commands. Audio goes from the
 * source straight to the engine and never through the reducer.
 */
export function startSession(deps: SessionDeps): RunningSession {
  const { source, sinks, fallback, clock = systemClock, random = Math.random } = deps
  const { recovers = false, startMuted = false, isFallbackUsable = true } = deps
  const sourceAbort = new AbortController()
  let chosen = { engine: deps.engine, config: deps.config }
  const hasFallback = fallback !== undefined && isFallbackUsable
  let state = idleSession({ recovers, hasFallback, isMuted: startMuted })
  let device: string | undefined
  let transcript = emptyTranscript
  const timers = createSessionTimers(clock, random)
  let resolveFinished: (outcome: SessionOutcome) => void
  const finished = new Promise<SessionOutcome>((resolve) => {
    resolveFinished = resolve
  })

  const latency = createLatencyTracker()
  const line = createEngineLine({
    clock,
    latency,
    replayStore: deps.replayStore,
    speechActivity: deps.speechActivity,
    onEvent(event) {
      tell(event)
      notice(event)
    },
    onOpened: () => dispatch({ type: 'engine-opened' }),
    onFailed: (error) => fail({ type: 'engine-failed', error }),
    onEnded: () => dispatch({ type: 'engine-ended' }),
    onStandbyOpened: () => dispatch({ type: 'standby-opened' }),
    onStandbyFailed: (error) => dispatch({ type: 'standby-failed', error }),
    onUnheard(durationMs) {
      // What ends with its first fault is a recording, and can be captioned once more.
      if (!recovers) return
      deps.onNotice(`${Math.ceil(durationMs / 1000)} seconds of speech have no captions.`)
    },
  })

  function dispatch(event: SessionEvent): void {
    const next = stepSession(state, event)
    if (next.state.phase !== state.phase) timers.cancelAll()
    state = next.state
    for (const command of next.commands) carryOut(command)
    if (!('standby' in state) || state.standby === 'none') line.dropStandby()
    publish()
  }

  /** What an engine's event says of more than words. */
  function notice(event: SpeechEvent): void {
    const { isSpeaking } = state
    if (event.type === 'reconnecting') dispatch({ type: 'engine-reconnecting' })
    else if (event.type === 'recovered') dispatch({ type: 'engine-recovered' })
    else if (event.type === 'interim' && !isSpeaking) dispatch({ type: 'utterance-began' })
    else if (isSpeaking && endsUtterance(event)) dispatch({ type: 'utterance-ended' })
  }

  function carryOut(command: SessionCommand): void {
    switch (command.do) {
      case 'open':
        return line.open({ ...choice(command.role), withinMs: command.withinMs })
      case 'wait': {
        const { what } = command
        return timers.set(what, command, () => dispatch({ type: 'time-up', what }))
      }
      case 'open-standby':
        return line.openStandby({ ...choice('chosen'), withinMs: command.withinMs })
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
    if (!recovers || !transcript.interim) return
    const { committedWords: _, ...said } = transcript.interim
    tell({ ...said, type: 'final', speechFinal: true })
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
    timers.cancelAll()
    sourceAbort.abort()
    line.abort()
    settleInterim()
    await closeSinks(sinks, clock, deps.onNotice)
    resolveFinished(state.phase === 'ended' ? state.outcome : { kind: 'stopped' })
  }

  const nextTryAtMs = () => timers.dueAtMs(state.phase === 'reconnecting' ? 'retry' : 'chosen')

  function status(): SessionStatus {
    const indicator = sessionIndicator(state)
    const trouble = sessionTrouble(state)
    const isFallback = speaksInstead(state)
    const atMs = nextTryAtMs()
    const nextTryInMs = atMs === undefined ? undefined : Math.max(0, atMs - clock.nowMs())
    const { isMuted } = state
    const { backend } = line
    return { indicator, isMuted, isFallback, trouble, nextTryInMs, backend, device }
  }

  let published = ''
  function publish(): void {
    const now = status()
    // Time that goes by is no change.
    const text = JSON.stringify({ ...now, nextTryInMs: nextTryAtMs() })
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
    setFallback: (isUsable) => dispatch({ type: 'fallback-changed', isUsable }),
    switchEngine(engine, config = chosen.config) {
      chosen = { engine, config }
      dispatch({ type: 'engine-chosen' })
    },
    reconfigure(config) {
      chosen = { ...chosen, config }
      // What was said before was said in the language from before.
      line.finalize()
      dispatch({ type: 'reconfigured' })
    },
    finished,
  }
}

function endsUtterance(event: SpeechEvent): boolean {
  return event.type === 'utterance-end' || (event.type === 'final' && event.speechFinal)
}

function asCaptureError(cause: unknown): CaptureError {
  if (cause instanceof CaptureError) return cause
  return new CaptureError('capture_unavailable', 'The audio source failed unexpectedly.', cause)
}
