import { isDeepStrictEqual } from 'node:util'
import { ObsError } from './obs-error.ts'
import type { ObsSession } from './obs-session.ts'

/** What OBS makes of its picture now. */
export interface ObsOutputs {
  readonly isStreaming: boolean
  /** True while a recording is paused, too. */
  readonly isRecording: boolean
  /**
   * When the recording's first frame was taken, on the clock of `now()`: its media time at `t` is
   * `t - recordingStartedAtMs`. Moves on by each pause, which is not in the file.
   */
  readonly recordingStartedAtMs: number | undefined
}

const noOutputs: ObsOutputs = {
  isStreaming: false,
  isRecording: false,
  recordingStartedAtMs: undefined,
}

export interface WatchOutputsDeps {
  readonly session: ObsSession
  /** Performance clock, ms. */
  now(): number
  /** How often OBS is asked anew; this also notices an OBS that hangs. */
  readonly heartbeatMs: number
  onOutputs(outputs: ObsOutputs): void
}

/** Reports the outputs as soon as OBS tells them, and whenever they change, until the session ends. */
export function watchOutputs({ session, now, heartbeatMs, onOutputs }: WatchOutputsDeps): void {
  let known = noOutputs
  let reported: ObsOutputs | undefined
  const report = (outputs: ObsOutputs) => {
    known = outputs
    if (isDeepStrictEqual(outputs, reported)) return
    reported = outputs
    onOutputs(outputs)
  }
  const read = async () => report(await readOutputs(session, now, known.recordingStartedAtMs))
  let isReading = false
  // An OBS that refuses to tell, or does not answer, is of no use: the session starts anew.
  const readOrEnd = () => read().catch(() => session.end(new ObsError('no_answer')))
  const beat = async () => {
    if (isReading) return
    isReading = true
    await readOrEnd()
    isReading = false
  }

  session.on('StreamStateChanged', ({ outputState }) => {
    const isStreaming = isActive(outputState, known.isStreaming)
    report({ ...known, isStreaming })
  })
  session.on('RecordStateChanged', ({ outputState }) => {
    const isRecording = isActive(outputState, known.isRecording)
    const hasStarted = isRecording && !known.isRecording
    const startedAtMs = hasStarted ? now() : known.recordingStartedAtMs
    report({ ...known, isRecording, recordingStartedAtMs: isRecording ? startedAtMs : undefined })
    if (outputState === 'OBS_WEBSOCKET_OUTPUT_RESUMED') {
      known = { ...known, recordingStartedAtMs: undefined }
      void readOrEnd()
    }
  })
  void readOrEnd()
  const heartbeat = setInterval(() => void beat(), heartbeatMs)
  void session.ended.then(() => clearInterval(heartbeat))
}

/**
 * `outputActive` of the events is false in pauses and while a stream reconnects: the state says more.
 * Starting and stopping change nothing yet.
 */
function isActive(outputState: string, wasActive: boolean): boolean {
  switch (outputState) {
    case 'OBS_WEBSOCKET_OUTPUT_STARTED':
    case 'OBS_WEBSOCKET_OUTPUT_PAUSED':
    case 'OBS_WEBSOCKET_OUTPUT_RESUMED':
    case 'OBS_WEBSOCKET_OUTPUT_RECONNECTING':
    case 'OBS_WEBSOCKET_OUTPUT_RECONNECTED':
      return true
    case 'OBS_WEBSOCKET_OUTPUT_STOPPED':
      return false
    default:
      return wasActive
  }
}

/** `outputDuration` is read in the middle of its round trip, and only where no start is known yet. */
async function readOutputs(
  session: ObsSession,
  now: () => number,
  knownStartMs: number | undefined,
): Promise<ObsOutputs> {
  const askedAtMs = now()
  const record = await session.call('GetRecordStatus')
  const middleMs = (askedAtMs + now()) / 2
  const stream = await session.call('GetStreamStatus')
  return {
    isStreaming: stream.outputActive || stream.outputReconnecting,
    isRecording: record.outputActive,
    recordingStartedAtMs: record.outputActive
      ? (knownStartMs ?? middleMs - record.outputDuration)
      : undefined,
  }
}
