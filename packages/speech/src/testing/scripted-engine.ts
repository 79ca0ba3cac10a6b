import { bytesToMs } from '../pcm.ts'
import { EventQueue } from '../event-queue.ts'
import type { SpeechEngine, SpeechOptions, SpeechSession } from '../speech-engine.ts'
import type { SpeechEvent } from '../speech-event.ts'

/** A session of the scripted engine, as the test sees it. */
export interface ScriptedSession extends SpeechSession {
  readonly options: SpeechOptions
  /** Everything written so far. */
  readonly written: readonly Uint8Array[]
  readonly writtenBytes: number
  readonly finalizeCount: number
  readonly closed: boolean
  readonly aborted: boolean
  /** What the reader of the session's events gets next. */
  emit(event: SpeechEvent): void
  bufferedMs: number
}

export interface ScriptedEngine extends SpeechEngine {
  readonly sessions: readonly ScriptedSession[]
  /** Makes the next open() fail. */
  failNextOpen(error: Error): void
}

export interface ScriptedEngineOptions {
  /** Events that a session says when it is closed, before its events end. */
  readonly onClose?: (session: ScriptedSession) => readonly SpeechEvent[]
  /** open() waits for this. */
  readonly whenReady?: () => Promise<void>
}

/**
 * A SpeechEngine that says what a test tells it to say and remembers what it was given. It keeps
 * the interface's promises: usage at close equals what was written, abort ends events at once.
 */
export function createScriptedEngine(engineOptions: ScriptedEngineOptions = {}): ScriptedEngine {
  const sessions: ScriptedSession[] = []
  let openError: Error | undefined
  return {
    sessions,
    failNextOpen(error) {
      openError = error
    },
    async open(options, signal) {
      await Promise.race([engineOptions.whenReady?.(), aborted(signal)])
      signal.throwIfAborted()
      const error = openError
      openError = undefined
      if (error) throw error
      const session = scriptedSession(options, signal, engineOptions)
      sessions.push(session)
      return session
    },
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

function scriptedSession(
  options: SpeechOptions,
  signal: AbortSignal,
  { onClose }: ScriptedEngineOptions,
): ScriptedSession {
  const events = new EventQueue<SpeechEvent>()
  const written: Uint8Array[] = []
  let writtenBytes = 0
  let finalizeCount = 0
  let closed = false
  const session: ScriptedSession = {
    backend: 'scripted',
    options,
    events,
    written,
    bufferedMs: 0,
    get writtenBytes() {
      return writtenBytes
    },
    get finalizeCount() {
      return finalizeCount
    },
    get closed() {
      return closed
    },
    get aborted() {
      return signal.aborted
    },
    emit(event) {
      events.push(event)
      if (event.type === 'error') events.end()
    },
    write(pcm) {
      if (closed || events.ended) return
      written.push(pcm)
      writtenBytes += pcm.byteLength
    },
    finalize() {
      finalizeCount += 1
    },
    async close() {
      if (closed) return
      closed = true
      for (const event of onClose?.(session) ?? []) events.push(event)
      events.push({ type: 'usage', audioMs: bytesToMs(writtenBytes) })
      events.end()
    },
  }
  signal.addEventListener('abort', () => void events.return(), { once: true })
  return session
}
