/* The fake Deepgram of the proxy bench, in a process of its own: it accounts for every frame. */
import { startFakeDeepgram } from '@saywire/speech/testing'
import { createFrameAudit } from './frame-audit.ts'
import { percentilesOf } from './percentiles.ts'
import { answerQuestions } from './questions.ts'

/** Deepgram's own bound of 10 s is not what this is about. */
const IDLE_TIMEOUT_MS = 120_000
const STREAMS_MAX = 100_000

const audit = createFrameAudit()
const deepgram = await startFakeDeepgram({
  idleTimeoutMs: IDLE_TIMEOUT_MS,
  maxStreams: STREAMS_MAX,
  keepAudio: false,
  transcribe: audit.transcribe,
})

const answers = {
  address: () => ({ url: deepgram.url, apiKey: deepgram.apiKey }),
  counts: () => ({ ...audit.counts }),
  openCount: () => deepgram.openCount,
  /** Latencies of the audio, µs, since it was asked last. */
  latencies: () => percentilesOf(audit.takeLatencies()),
}
export type FakeQuestions = typeof answers
answerQuestions(answers)
