import { resolve } from 'node:path'
import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import type { AudioSource, CaptionSink } from '../core/ports.ts'
import type { SessionOutcome } from '../core/session.ts'
import type { RunningSession } from '../core/session-runner.ts'
import { startSession } from '../core/session-runner.ts'
import { withSilenceGate } from '../core/silence-gate.ts'
import type { EngineProgress } from '../engines.ts'
import { startRecordedSession } from '../recording/recorded-session.ts'
import { cutSentence } from '../recording/recording-file.ts'
import type { Console } from './console.ts'
import type { LiveRecovery } from './live-recovery.ts'
import { createProgressBar, formatMegabytes } from './progress-bar.ts'

export interface CaptionRun {
  readonly engine: SpeechEngine
  readonly source: AudioSource
  /** Silence is not sent. Default: it is. */
  readonly gatesSilence?: boolean
  readonly config: TranscribeConfig
  readonly sinks: readonly CaptionSink[]
  readonly console: Console
  /** Aborted by the user before the session began. */
  readonly signal: AbortSignal
  readonly onNotice: (sentence: string) => void
  /** Default: an engine that fails ends the session. */
  readonly recovery?: LiveRecovery | undefined
  /** A file that is made, and must not exist, to record the session in. */
  readonly record?: string | undefined
}

/** Runs one session to its end; Ctrl-C ends it with its last finals, a second one at once. */
export async function runCaptions(run: CaptionRun): Promise<SessionOutcome> {
  if (run.signal.aborted) return { kind: 'stopped' }
  let silenceMs = 0
  const source = withSilenceGate(run.source, {
    enabled: run.gatesSilence ?? false,
    onSaved: (savedMs) => (silenceMs = savedMs),
  })
  const session = start({ ...run, source })
  run.recovery?.follow(session)
  run.console.onInterrupt(() => {
    if (session.status.trouble) run.onNotice('Waiting for the last words; Ctrl-C ends it at once.')
    session.stop()
  })
  const outcome = await session.finished
  await Promise.allSettled([run.engine.dispose?.(), run.recovery?.dispose()])
  if (silenceMs >= 1000) run.onNotice(`Silence  ${Math.round(silenceMs / 1000)} s not sent`)
  return outcome
}

function start(run: CaptionRun): RunningSession {
  const deps = { ...run, ...run.recovery?.deps }
  if (run.record === undefined) return startSession(deps)
  return startRecordedSession(deps, {
    path: resolve(run.record),
    withAudio: false,
    app: 'command line',
    onCut: (reason) => run.onNotice(cutSentence(reason)),
  })
}

/** Aborts when the user wants to end while things are still being prepared. */
export function interruptSignal(console: Console): AbortSignal {
  const abort = new AbortController()
  console.onInterrupt(() => abort.abort())
  return abort.signal
}

/** Shows on standard error how an engine gets ready. */
export function showProgress(
  { stderr }: Console,
  onNotice: (sentence: string) => void,
): EngineProgress & { done(): void } {
  const build = createProgressBar(stderr, 'Building the speech library for this processor')
  const model = createProgressBar(stderr, 'Fetching the speech model')
  return {
    onBuildPercent(percent) {
      build.update(percent / 100, '')
      if (percent >= 100) build.done()
    },
    onModel({ receivedBytes, totalBytes, source }) {
      const fraction = totalBytes === undefined ? undefined : receivedBytes / totalBytes
      model.update(fraction, `${formatMegabytes(receivedBytes, totalBytes)} from ${source}`)
      if (fraction === 1) model.done()
    },
    onNotice(sentence) {
      build.done()
      model.done()
      onNotice(sentence)
    },
    done() {
      build.done()
      model.done()
    },
  }
}
