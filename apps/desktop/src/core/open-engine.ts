import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechResume, SpeechSession } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { Clock } from './ports.ts'

export interface EngineChoice {
  readonly engine: () => Promise<SpeechEngine>
  readonly config: TranscribeConfig
  /** An engine that is not ready by then has failed. Default: it has all the time it needs. */
  readonly withinMs?: number | undefined
}

export interface OpenedEngine {
  readonly engine: SpeechEngine
  readonly session: SpeechSession
}

/**
 * @param resumeOf what this engine may go on with
 * @throws SpeechError whatever goes wrong; `unreachable` where it takes too long
 */
export async function openEngine(
  { engine, config, withinMs }: EngineChoice,
  after: Clock['after'],
  signal: AbortSignal,
  resumeOf: (engine: SpeechEngine) => SpeechResume | undefined,
): Promise<OpenedEngine> {
  let cancelTimer: (() => void) | undefined
  const open = async () => {
    const one = await engine()
    const resume = resumeOf(one)
    // An engine counts what it is written; where that lies in the session is known elsewhere.
    const options = { config, startMs: 0, ...(resume && { resume }) }
    return { engine: one, session: await one.open(options, signal) }
  }
  const tooLate = new Promise<never>((_resolve, reject) => {
    if (withinMs !== undefined) cancelTimer = after(withinMs, () => reject(notReady()))
  })
  try {
    return await Promise.race([open(), tooLate])
  } catch (cause) {
    throw asSpeechError(cause)
  } finally {
    cancelTimer?.()
  }
}

export function asSpeechError(cause: unknown): SpeechError {
  if (cause instanceof SpeechError) return cause
  return new SpeechError('internal', 'The speech engine failed in an unexpected way.', { cause })
}

function notReady(): SpeechError {
  const message = 'The speech engine did not get ready in time.'
  return new SpeechError('unreachable', message, { retryable: true })
}

/** An engine ended without an error before it was asked to. */
export function endedByItself(): SpeechError {
  const message = 'The speech engine stopped by itself.'
  return new SpeechError('engine_failed', message, { retryable: true })
}

/** The audio that an engine would have to be given next is gone. */
export function notKept(): SpeechError {
  const message = 'The speech engine fell too far behind: starting it again.'
  return new SpeechError('engine_failed', message, { retryable: true })
}

/** The engine's connection is open, and nobody answers. */
export function saysNothing(retryAfterMs = 0): SpeechError {
  const message = 'The speech service says nothing although somebody speaks.'
  return new SpeechError('upstream_lost', message, { retryable: true, retryAfterMs })
}

/** The engine came back when another one had taken over, and would have to be opened anew. */
export function outrun(): SpeechError {
  const message = 'The speech service was back too late to go on; it is tried again.'
  return new SpeechError('upstream_lost', message, { retryable: true })
}
