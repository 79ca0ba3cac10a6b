import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechEvent, SpeechSession } from '@saywire/speech'
import { emptyTranscript, msToBytes, reduceTranscript, SpeechError } from '@saywire/speech'
import type { AudioSource, CaptionSink } from './ports.ts'
import { CaptureError } from './ports.ts'
import type { SessionCommand, SessionEvent, SessionOutcome, SessionState } from './session.ts'
import { idleSession, stepSession } from './session.ts'

/** A gap is filled with silence in pieces of this length, so that no piece is large. */
const SILENCE_MS = 100

export interface SessionDeps {
  readonly engine: SpeechEngine
  readonly source: AudioSource
  readonly config: TranscribeConfig
  readonly sinks: readonly CaptionSink[]
  /** One sentence for the user while the session goes on. */
  readonly onNotice: (sentence: string) => void
  readonly onPhase?: (phase: SessionState['phase']) => void
}

export interface RunningSession {
  /** Ends the session with its last finals; called again, at once. */
  stop(): void
  /** Never rejects. */
  readonly finished: Promise<SessionOutcome>
}

/**
 * The only impure part of a session: carries out what the reducer commands. Audio goes from the
 * source straight to the engine and never through the reducer.
 */
export function startSession(deps: SessionDeps): RunningSession {
  const { engine, source, config, sinks } = deps
  const engineAbort = new AbortController()
  const sourceAbort = new AbortController()
  let state = idleSession
  let speech: SpeechSession | undefined
  let transcript = emptyTranscript
  let resolveFinished: (outcome: SessionOutcome) => void
  const finished = new Promise<SessionOutcome>((resolve) => {
    resolveFinished = resolve
  })

  function dispatch(event: SessionEvent): void {
    const next = stepSession(state, event)
    if (next.state.phase !== state.phase) deps.onPhase?.(next.state.phase)
    state = next.state
    for (const command of next.commands) carryOut[command]()
  }

  const carryOut = {
    'open-engine': () => void openEngine(),
    'start-source': () => void runSource(),
    'stop-source': () => sourceAbort.abort(),
    'close-engine': () => void speech?.close(),
    'abort-engine': () => engineAbort.abort(),
    finish: () => void finish(),
  } as const satisfies Record<SessionCommand, () => void>

  async function openEngine(): Promise<void> {
    try {
      speech = await engine.open({ config, startMs: 0 }, engineAbort.signal)
    } catch (cause) {
      if (!engineAbort.signal.aborted) fail(asSpeechError(cause))
      return
    }
    dispatch({ type: 'engine-opened' })
    await listen(speech)
  }

  async function listen(session: SpeechSession): Promise<void> {
    try {
      for await (const event of session.events) {
        if (event.type === 'error') return fail(event.error)
        tell(event)
      }
      dispatch({ type: 'engine-ended' })
    } catch (cause) {
      fail(asSpeechError(cause))
    }
  }

  function fail(error: SpeechError): void {
    tell({ type: 'error', error })
    dispatch({ type: 'engine-failed', error })
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

  async function runSource(): Promise<void> {
    try {
      await source.run(
        {
          onAudio: (pcm) => speech?.write(pcm),
          onGap: fillGap,
          onNotice: deps.onNotice,
          bufferedMs: () => speech?.bufferedMs ?? 0,
        },
        sourceAbort.signal,
      )
      dispatch({ type: 'source-ended' })
    } catch (cause) {
      dispatch({ type: 'source-failed', error: asCaptureError(cause) })
    }
  }

  /** Silence in place of what was lost keeps every later word at its time. */
  function fillGap(durationMs: number): void {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= SILENCE_MS) {
      speech?.write(new Uint8Array(msToBytes(Math.min(leftMs, SILENCE_MS))))
    }
  }

  async function finish(): Promise<void> {
    await Promise.allSettled(sinks.map(async (sink) => sink.close?.()))
    resolveFinished(state.phase === 'ended' ? state.outcome : { kind: 'stopped' })
  }

  dispatch({ type: 'start' })
  return { stop: () => dispatch({ type: 'stop' }), finished }
}

function asSpeechError(cause: unknown): SpeechError {
  if (cause instanceof SpeechError) return cause
  return new SpeechError('internal', 'The speech engine failed in an unexpected way.', { cause })
}

function asCaptureError(cause: unknown): CaptureError {
  if (cause instanceof CaptureError) return cause
  return new CaptureError('capture_unavailable', 'The audio source failed unexpectedly.', cause)
}
