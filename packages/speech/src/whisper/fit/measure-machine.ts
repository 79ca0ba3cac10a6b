import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpeechError } from '../../speech-error.ts'
import type { WhisperLibrary } from '../library/whisper-binding.ts'
import { defaultThreads } from '../whisper-engine.ts'
import type { WhisperProcess } from '../whisper-process.ts'
import { forkWhisperProcess } from '../whisper-process.ts'
import type { MachineMeasure } from './machine-measure.ts'
import { machineMeasureSchema } from './machine-measure.ts'

export interface MeasureMachineOptions {
  readonly library: WhisperLibrary
  /** How the process that measures is started. Default: a child of this process. */
  readonly spawn?: (() => WhisperProcess) | undefined
  /** Default: as many as the engine uses. */
  readonly threads?: number
  readonly signal?: AbortSignal | undefined
  /** A machine that is not done by then is too slow to be measured. Default 30,000 ms. */
  readonly timeoutMs?: number
}

/**
 * Measures for about two seconds, in a process of its own that ends with it, at the priority of the
 * engine's. Undefined where the library cannot measure: any but our own.
 * @throws SpeechError `engine_failed`; the signal's reason when aborted
 */
export async function measureMachine(
  options: MeasureMachineOptions,
): Promise<MachineMeasure | undefined> {
  const { library, signal, spawn = forkWhisperProcess, timeoutMs = 30_000 } = options
  const threads = options.threads ?? defaultThreads(availableParallelism())
  if (!('path' in library)) return undefined
  signal?.throwIfAborted()
  const process = spawn()
  const done = new AbortController()
  const stop = signal ? AbortSignal.any([signal, done.signal]) : done.signal
  try {
    const measured = new Promise<MachineMeasure>((resolve, reject) => {
      let failure: string | undefined
      process.onReply((reply) => {
        if (reply.type === 'failed') failure = reply.reason
        if (reply.type !== 'measured') return
        const parsed = machineMeasureSchema.safeParse(reply.measure)
        if (parsed.success) resolve(parsed.data)
        else reject(notMeasured('its figures make no sense'))
      })
      process.onExit((reason) => reject(notMeasured(failure ?? reason)))
    })
    // Whichever ends first: the other must not be an unhandled rejection.
    measured.catch(() => {})
    process.send({ type: 'measure', library, threads })
    const late = sleep(timeoutMs, undefined, { signal: stop }).then(
      () => Promise.reject(notMeasured(`it took more than ${timeoutMs / 1000} s`)),
      () => Promise.reject(signal?.reason),
    )
    late.catch(() => {})
    return await Promise.race([measured, late])
  } finally {
    done.abort()
    process.kill()
  }
}

function notMeasured(reason: string): SpeechError {
  return new SpeechError(
    'engine_failed',
    `This computer could not be measured (${reason}): try again, or choose a model yourself.`,
    { retryable: true },
  )
}
