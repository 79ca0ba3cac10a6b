import { randomInt } from 'node:crypto'
import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import { createSpeechActivity } from '@saywire/speech'
import type { CaptionSink } from '../core/ports.ts'
import { systemClock } from '../core/ports.ts'
import type { RunningSession, SessionDeps } from '../core/session-runner.ts'
import { startSession } from '../core/session-runner.ts'
import { createCaptionDigest } from './caption-digest.ts'
import { recordError } from './recorded-event.ts'
import { recordConfig } from './recorded-settings.ts'
import { createRecordingFile } from './recording-file.ts'
import type { CutReason, RecordedEntry, RecordingHead } from './recording-format.ts'
import { RECORDING_VERSION } from './recording-format.ts'
import { recordingActivity } from './recorded-activity.ts'
import { recordingEngine } from './recording-engine.ts'
import { recordingSource } from './recording-source.ts'
import { seededRandom } from './seeded-random.ts'
import type { SessionLog } from './session-log.ts'
import { createSessionLog } from './session-log.ts'

/** About a day without the sound. */
const MAX_BYTES = 200 * 1024 * 1024
/** About six hours with it. */
const MAX_BYTES_WITH_AUDIO = 1024 * 1024 * 1024

export interface SessionRecording {
  /** Absolute; a file that does not exist yet. */
  readonly path: string
  /** The sound is kept too. */
  readonly withAudio: boolean
  /** Version of this program. */
  readonly app: string
  /** What recordSettings() left of the settings. */
  readonly settings?: Record<string, unknown>
  /** What the user wishes for by now: what they take back ends at once. Default: as it began. */
  readonly wish?: () => { readonly enabled: boolean; readonly withAudio: boolean }
  /** The recording ends here, the session does not. */
  readonly onCut: (reason: CutReason) => void
  readonly startedAt?: Date
  readonly maxBytes?: number
}

/**
 * startSession() with everything written down that reaches the session: the file replays to the
 * same captions. Whatever happens to the file, the session is as it would have been without.
 */
export function startRecordedSession(
  deps: SessionDeps,
  recording: SessionRecording,
): RunningSession {
  const { withAudio, startedAt = new Date() } = recording
  const { clock = systemClock, recovers = false, startMuted = false, fallback } = deps
  const { isFallbackUsable = true } = deps
  const seed = randomInt(1, 2 ** 31)
  const wish = recording.wish ?? (() => ({ enabled: true, withAudio }))
  const limit = withAudio ? MAX_BYTES_WITH_AUDIO : MAX_BYTES
  let sinceMs = 0
  const file = createRecordingFile({
    path: recording.path,
    maxBytes: recording.maxBytes ?? limit,
    cutLine: (reason) => JSON.stringify({ type: 'cut', ms: sinceMs, reason }),
    onCut: recording.onCut,
  })
  const log = createSessionLog(clock, (entry: RecordedEntry) => {
    sinceMs = entry.ms
    if (!wish().enabled) file.cut('wish')
    file.write(JSON.stringify(entry))
  })
  const head: RecordingHead = {
    format: 'saywire-session',
    version: RECORDING_VERSION,
    app: recording.app,
    platform: `${process.platform} ${process.arch}`,
    startedAt: startedAt.toISOString(),
    withAudio,
    seed,
    recovers,
    isFallbackUsable,
    hasFallback: fallback !== undefined,
    hasReplayStore: deps.replayStore !== undefined,
    startMuted,
    config: recordConfig(deps.config),
    ...(recording.settings && { settings: recording.settings }),
  }
  file.write(JSON.stringify(head))
  const sink = recordingSink(log)
  let shown: string | undefined
  const session = startSession({
    ...deps,
    clock: log.clock,
    random: seededRandom(seed),
    speechActivity: recordingActivity(createSpeechActivity(), log),
    engine: recordingEngine(deps.engine, 'chosen', log),
    source: recordingSource(deps.source, log, () => withAudio && wish().withAudio),
    sinks: [sink, ...deps.sinks],
    ...(fallback && { fallback: recordingFallback(fallback, log) }),
    onStatus(status) {
      const { kind } = status.indicator
      if (kind !== shown) log.output({ type: 'shown', indicator: (shown = kind) })
      deps.onStatus?.(status)
    },
  })

  async function finish() {
    const outcome = await session.finished
    const error = outcome.kind === 'failed' ? ` ${recordError(outcome.error).code}` : ''
    log.output({ type: 'end', outcome: outcome.kind + error, digest: sink.digest() })
    await file.close()
    return outcome
  }
  return recordingCommands(session, log, finish())
}

/** What the user and the app tell a session reaches it too. */
function recordingCommands(
  session: RunningSession,
  log: SessionLog,
  finished: RunningSession['finished'],
): RunningSession {
  let switches = 0
  return {
    get status() {
      return session.status
    },
    get latency() {
      return session.latency
    },
    painted: session.painted,
    finished,
    stop() {
      log.input({ type: 'stop' })
      session.stop()
    },
    mute(isMuted) {
      log.input({ type: 'mute', isMuted })
      session.mute(isMuted)
    },
    retryChosen() {
      log.input({ type: 'retry-chosen' })
      session.retryChosen()
    },
    setFallback(isUsable) {
      log.input({ type: 'set-fallback', isUsable })
      session.setFallback(isUsable)
    },
    switchEngine(engine: SpeechEngine, config?: TranscribeConfig) {
      const name = `chosen-${(switches += 1) + 1}`
      log.input({ type: 'switch-engine', ...(config && { config: recordConfig(config) }) })
      session.switchEngine(recordingEngine(engine, name, log), config)
    },
    reconfigure(config) {
      log.input({ type: 'reconfigure', config: recordConfig(config) })
      session.reconfigure(config)
    },
  }
}

/** Asked for each time that it is needed, and one engine nevertheless. */
function recordingFallback(fallback: () => Promise<SpeechEngine>, log: SessionLog) {
  const engines = new Map<SpeechEngine, { name: string; engine: SpeechEngine }>()
  let asks = 0
  return async () => {
    const ask = (asks += 1)
    let inner: SpeechEngine
    try {
      inner = await fallback()
    } catch (cause) {
      await log.turn()
      log.input({ type: 'fallback', ask, error: recordError(cause) })
      throw cause
    }
    await log.turn()
    let known = engines.get(inner)
    if (!known) {
      const name = engines.size === 0 ? 'fallback' : `fallback-${engines.size + 1}`
      known = { name, engine: recordingEngine(inner, name, log) }
      engines.set(inner, known)
    }
    log.input({ type: 'fallback', ask, engine: known.name })
    return known.engine
  }
}

function recordingSink(log: SessionLog): CaptionSink & { digest(): string } {
  const digest = createCaptionDigest()
  return {
    onEvent(event) {
      digest.add(event)
      if (event.type !== 'final') return
      const { text, startMs, endMs } = event
      log.output({ type: 'said', text, startMs, endMs, digest: digest.read() })
    },
    digest: digest.read,
  }
}
