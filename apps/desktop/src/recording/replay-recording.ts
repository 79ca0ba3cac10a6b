import { setImmediate as tick } from 'node:timers/promises'
import type { FinalEvent } from '@saywire/speech'
import type { SessionOutcome } from '../core/session.ts'
import type { RunningSession } from '../core/session-runner.ts'
import { startSession } from '../core/session-runner.ts'
import type { Difference } from './compare-replay.ts'
import { createComparison } from './compare-replay.ts'
import { createReplayActivity } from './recorded-activity.ts'
import { recordError } from './recorded-event.ts'
import type { Recording } from './read-recording.ts'
import type { RecordedEntry } from './recording-format.ts'
import { createReplayClock } from './replay-clock.ts'
import type { ReplayEngines } from './replay-engines.ts'
import { createReplayEngines } from './replay-engines.ts'
import { createReplaySource } from './replay-source.ts'
import { createSilentStore } from './replay-store.ts'
import { seededRandom } from './seeded-random.ts'

export interface Replay {
  readonly captions: readonly FinalEvent[]
  /** As it was at each caption, and at last at the end. */
  readonly digests: readonly string[]
  /** `completed`, `stopped`, `failed upstream_lost`; undefined where the recording was cut. */
  readonly outcome: string | undefined
  readonly difference: Difference | undefined
  /** What transcribed last, for people: `whisper base.en`. */
  readonly backend: string | undefined
}

/**
 * Runs the session again as it was recorded, by the program as it is now: no waiting, no network,
 * no engine. Anyone's machine gives the same captions.
 * @throws RecordingError `damaged`, `not_readable`
 */
export async function replayRecording(recording: Recording): Promise<Replay> {
  const { head } = recording
  const { timers, speechChanges } = await lookAhead(recording)
  const clock = createReplayClock(timers)
  const engines = createReplayEngines()
  const source = createReplaySource()
  const comparison = createComparison()
  const session = startSession({
    engine: engines.engine('chosen'),
    source: source.source,
    config: head.config,
    sinks: [{ onEvent: comparison.onEvent }],
    onNotice: () => undefined,
    startMuted: head.startMuted,
    recovers: head.recovers,
    clock,
    random: seededRandom(head.seed),
    speechActivity: createReplayActivity(speechChanges),
    ...(head.hasReplayStore && { replayStore: createSilentStore() }),
    isFallbackUsable: head.isFallbackUsable,
    ...(head.hasFallback && { fallback: engines.fallback }),
  })
  let outcome: string | undefined
  void session.finished.then((how) => {
    outcome = outcomeOf(how)
  })
  const obey = createCommands(session, engines)
  let backend: string | undefined
  for await (const entry of recording.entries()) {
    if (comparison.take(entry)) continue
    if (!entry.isJoined) {
      do await tick()
      while (clock.fireUnrecorded(entry.ms))
      comparison.compare(outcome)
    }
    clock.moveTo(entry.ms)
    if (entry.type === 'opened') ({ backend } = entry)
    engines.take(entry)
    source.take(entry)
    obey(entry)
    if (entry.type === 'timer') clock.fire(entry.timer)
  }
  await tick()
  comparison.compare(outcome)
  const replay = { ...comparison.read(), outcome, backend }
  // What is left of a session whose recording was cut.
  session.stop()
  session.stop()
  return replay
}

/** What the user and the app told the session; entries of other kinds do nothing. */
function createCommands(session: RunningSession, engines: ReplayEngines) {
  let engineCount = 1
  return (entry: RecordedEntry): void => {
    switch (entry.type) {
      case 'stop':
        return session.stop()
      case 'mute':
        return session.mute(entry.isMuted)
      case 'retry-chosen':
        return session.retryChosen()
      case 'set-fallback':
        return session.setFallback(entry.isUsable)
      case 'switch-engine': {
        engineCount += 1
        return session.switchEngine(engines.engine(`chosen-${engineCount}`), entry.config)
      }
      case 'reconfigure':
        return session.reconfigure(entry.config)
    }
  }
}

/** What has to be known before it is needed. */
async function lookAhead(recording: Recording) {
  /** Those of which the recording knows what became. */
  const timers = new Set<string>()
  /** Frames at which speech began or ended. */
  const speechChanges: number[] = []
  for await (const entry of recording.entries()) {
    if (entry.type === 'timer' || entry.type === 'timer-cancelled') timers.add(entry.timer)
    if (entry.type === 'speech') speechChanges.push(entry.frame)
  }
  return { timers, speechChanges }
}

function outcomeOf(outcome: SessionOutcome): string {
  if (outcome.kind !== 'failed') return outcome.kind
  return `failed ${recordError(outcome.error).code}`
}
