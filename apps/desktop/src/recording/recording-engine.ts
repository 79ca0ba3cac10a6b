import type { SpeechEngine, SpeechEvent, SpeechOptions, SpeechSession } from '@saywire/speech'
import { bytesToMs } from '@saywire/speech'
import { recordError, recordEvent } from './recorded-event.ts'
import { recordConfig } from './recorded-settings.ts'
import type { SessionLog } from './session-log.ts'

/** Engines know their own sessions only, and are given them back to be resumed. */
const innerSessions = new WeakMap<SpeechSession, SpeechSession>()
/** Names of models and services; nothing else that a server may call itself. */
const BACKEND = /^[\w .:/()-]{1,80}$/

/**
 * An engine that writes down what its sessions say.
 * @param name unique in the recording
 */
export function recordingEngine(engine: SpeechEngine, name: string, log: SessionLog): SpeechEngine {
  let opens = 0
  return {
    ...engine,
    async open(options, signal) {
      const id = `${name} ${(opens += 1)}`
      log.output({ type: 'open', session: id, config: recordConfig(options.config) })
      try {
        const session = await engine.open(withInnerSession(options), signal)
        await log.turn()
        signal.addEventListener('abort', () => log.unwatch(id), { once: true })
        return recordingSession(session, id, log, engine.isRemote ?? false)
      } catch (cause) {
        await log.turn()
        log.input({ type: 'refused', session: id, error: recordError(cause) })
        throw cause
      }
    },
  }
}

function withInnerSession(options: SpeechOptions): SpeechOptions {
  const { resume } = options
  if (!resume) return options
  const session = innerSessions.get(resume.session) ?? resume.session
  return { ...options, resume: { ...resume, session } }
}

function recordingSession(
  inner: SpeechSession,
  id: string,
  log: SessionLog,
  isRemote: boolean,
): SpeechSession {
  const { resumedFromMs, mayTakeLong } = inner
  log.watch(id, inner)
  log.input({
    type: 'opened',
    session: id,
    backend: BACKEND.test(inner.backend) ? inner.backend : 'unnamed',
    ...(isRemote && { isRemote }),
    ...(resumedFromMs !== undefined && { resumedFromMs }),
    ...(mayTakeLong && { mayTakeLong }),
  })
  const session: SpeechSession = {
    get backend() {
      return inner.backend
    },
    ...(resumedFromMs !== undefined && { resumedFromMs }),
    ...(mayTakeLong && { mayTakeLong }),
    get bufferedMs() {
      return log.bufferedMs(id)
    },
    write(pcm) {
      log.wrote(id, bytesToMs(pcm.byteLength))
      inner.write(pcm)
    },
    finalize: () => inner.finalize(),
    close: async () => inner.close(),
    events: { [Symbol.asyncIterator]: () => recordingEvents(inner, id, log) },
  }
  innerSessions.set(session, inner)
  return session
}

/** Writes an event down at the moment at which the session takes it, not when it came. */
function recordingEvents(
  { events }: SpeechSession,
  id: string,
  log: SessionLog,
): AsyncIterator<SpeechEvent> {
  const iterator = events[Symbol.asyncIterator]()
  return {
    async next() {
      let result: IteratorResult<SpeechEvent>
      try {
        result = await iterator.next()
      } catch (cause) {
        await log.turn()
        log.unwatch(id)
        log.input({ type: 'over', session: id, error: recordError(cause) })
        throw cause
      }
      await log.turn()
      if (result.done) log.unwatch(id)
      log.input(
        result.done
          ? { type: 'over', session: id }
          : { type: 'heard', session: id, event: recordEvent(result.value) },
      )
      return result
    },
    async return() {
      log.unwatch(id)
      return (await iterator.return?.()) ?? { done: true, value: undefined }
    },
  }
}
