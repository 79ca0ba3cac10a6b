import type { SpeechEngine, SpeechEvent, SpeechSession } from '@saywire/speech'
import { bytesToMs, EventQueue } from '@saywire/speech'
import type { SpendLedger, SpendMeter } from './spend-ledger.ts'

interface Counted {
  readonly inner: SpeechSession
  readonly meter: SpendMeter
}

/**
 * A cloud engine within the user's limits. At a limit its session ends with `spend_cap_reached`
 * before one frame too many is sent; what has no final by then is for another engine to hear.
 */
export function createCappedEngine(engine: SpeechEngine, ledger: SpendLedger): SpeechEngine {
  const known = new WeakMap<SpeechSession, Counted>()

  return {
    ...engine,
    async open({ resume, ...options }, signal) {
      const reached = ledger.reached()
      if (reached) throw reached
      const before = resume && known.get(resume.session)
      const stop = new AbortController()
      const inner = await engine.open(
        {
          ...options,
          ...(resume && { resume: { ...resume, session: before?.inner ?? resume.session } }),
        },
        AbortSignal.any([signal, stop.signal]),
      )
      const isResumed = inner.resumedFromMs !== undefined
      // A session that goes on goes on counting, too.
      const meter = (isResumed && before?.meter) || ledger.openMeter()
      const session = capped(inner, meter, signal, () => stop.abort())
      known.set(session, { inner, meter })
      return session
    },
  }
}

function capped(
  inner: SpeechSession,
  meter: SpendMeter,
  signal: AbortSignal,
  stop: () => void,
): SpeechSession {
  const events = new EventQueue<SpeechEvent>()
  let wroteMs = inner.resumedFromMs ?? 0
  meter.wrote(wroteMs)
  // Also drops what the reader has not taken yet.
  signal.addEventListener('abort', () => void events.return(), { once: true })
  void forward()

  async function forward(): Promise<void> {
    try {
      for await (const event of inner.events) {
        if (event.type === 'usage') meter.accepted(event.audioMs)
        events.push(event)
      }
    } finally {
      meter.close()
      events.end()
    }
  }

  return {
    backend: inner.backend,
    ...(inner.resumedFromMs !== undefined && { resumedFromMs: inner.resumedFromMs }),
    ...(inner.mayTakeLong && { mayTakeLong: true }),
    get bufferedMs() {
      return inner.bufferedMs
    },
    write(pcm) {
      if (events.ended) return
      const durationMs = bytesToMs(pcm.byteLength)
      const error = meter.refusal(durationMs)
      if (error) {
        // The stop drops what the engine has not told yet: all that has left counts.
        meter.accepted(wroteMs - inner.bufferedMs)
        events.push({ type: 'error', error })
        events.end()
        return stop()
      }
      wroteMs += durationMs
      meter.wrote(wroteMs)
      inner.write(pcm)
    },
    finalize: () => inner.finalize(),
    close: async () => inner.close(),
    events,
  }
}
