import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechSession } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { Clock } from './ports.ts'

export interface EngineChoice {
  readonly engine: () => Promise<SpeechEngine>
  readonly config: TranscribeConfig
  /** An engine that is not ready by then has failed. Default: it has all the time it needs. */
  readonly withinMs?: number | undefined
}

/** @throws SpeechError whatever goes wrong; `unreachable` where it takes too long */
export async function openEngine(
  { engine, config, withinMs }: EngineChoice,
  after: Clock['after'],
  signal: AbortSignal,
): Promise<SpeechSession> {
  let cancelTimer: (() => void) | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    if (withinMs !== undefined) cancelTimer = after(withinMs, () => reject(notReady()))
  })
  try {
    // An engine counts what it is written; where that lies in the session is known elsewhere.
    const opening = engine().then(async (one) => one.open({ config, startMs: 0 }, signal))
    return await Promise.race([opening, tooLate])
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

export function endedByItself(): SpeechError {
  return new SpeechError('engine_failed', 'The speech engine stopped by itself.', {
    retryable: true,
  })
}
