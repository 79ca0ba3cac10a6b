import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { bytesToMs, toSamples } from '../../pcm.ts'
import type { WhisperEvent, WhisperSessionConfig } from '../whisper-messages.ts'
import { createCatchUp } from './catch-up.ts'
import type { CatchUpLimits, Pace } from './catch-up.ts'
import type { DecodeClient, DecodeJob, DecodeQueue } from './decode-queue.ts'
import { createFinalsWaiting } from './finals-waiting.ts'
import { createSegmenter } from './segmenter.ts'
import type { SpeechSegment } from './segmenter.ts'
import { spokenWords } from './spoken-words.ts'
import type { SpokenWords } from './spoken-words.ts'
import type { VoiceDetector } from './voice-detector.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
/** Speech between two interims, ms of audio. */
const INTERIM_EVERY_MS = 600
/**
 * After an interim the decoder rests from this session so many times as long as it took: the longer
 * the sentence the dearer its interims, and a final that comes now need not wait for one.
 */
const INTERIM_REST = 2
const USAGE_EVERY_MS = 1000
/**
 * The window of a final, where its speech is no longer: half of what Whisper was trained with takes
 * half the time, and was measured to hear as well (29 words wrong of 845, 28 with all of it); a
 * third of it does not.
 */
const FINAL_CONTEXT = 768
/** A pause that ends a segment where `endpointing` is off. */
const SEGMENT_PAUSE_MS = 500
/** Below this a pause between two words would be cut in half. */
const SHORTEST_ENDPOINT_MS = 200
/**
 * Speech that may wait to be decoded: 19 MB of samples, and what two slow cores catch up with in
 * half a minute. Beyond it the oldest is given up, and said to be.
 */
const WAITING_MAX_MS = 5 * 60_000
/** Scripts that are written without spaces between words. */
const UNSPACED = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'my', 'km'])

export interface LiveSessionDeps {
  readonly config: WhisperSessionConfig
  readonly threads: number
  readonly queue: DecodeQueue
  readonly detector: VoiceDetector
  readonly send: (event: WhisperEvent) => void
  readonly progress: (heardMs: number, waitingMs: number) => void
  /** It has fallen behind, or caught up again. Told once per change. */
  readonly onPace: (pace: Pace) => void
  /** Speech of this length was given up. */
  readonly onUnheard: (durationMs: number) => void
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** Default: `defaultCatchUpLimits`. */
  readonly catchUpLimits?: CatchUpLimits
  /** Default: 300,000 ms. */
  readonly waitingMaxMs?: number
}

/** One stream of audio becoming captions, in the whisper process. */
export interface LiveSession {
  write(pcm: Uint8Array): void
  finalize(): void
  /** Flushes, then resolves when the last final was sent. */
  close(): Promise<void>
  drop(): void
}

export function createLiveSession(deps: LiveSessionDeps): LiveSession {
  const { config, queue, send } = deps
  const toMs = (sample: number) => config.startMs + Math.floor(sample / SAMPLES_PER_MS)
  const segmenter = createSegmenter({
    detector: deps.detector,
    endpointMs: Math.max(SHORTEST_ENDPOINT_MS, config.endpointMs ?? SEGMENT_PAUSE_MS),
    onSpeechStart: (sample) => send({ type: 'speech-started', atMs: toMs(sample) }),
    onSegment: decodeFinal,
  })
  const client: DecodeClient = { nextInterim }
  let heardBytes = 0
  let usageMs = 0
  const waiting = createFinalsWaiting(deps.now)
  const catchUp = createCatchUp(deps.catchUpLimits)
  let lastInterimSample = 0
  let nextInterimAtMs = 0
  let interimText = ''
  /** A final without speechFinal was sent, which a later one must complete. */
  let openUtterance = false
  /** The last word that was final, until its utterance's end was told. */
  let lastWordEndMs: number | undefined
  let onIdle: (() => void) | undefined
  queue.add(client)

  function nextInterim(): DecodeJob | undefined {
    if (!config.interims || waiting.count > 0 || catchUp.pace !== 'full') return undefined
    if (segmenter.position - lastInterimSample < INTERIM_EVERY_MS * SAMPLES_PER_MS) return undefined
    const startedAtMs = deps.now()
    if (startedAtMs < nextInterimAtMs) return undefined
    const segment = segmenter.current()
    if (!segment) return undefined
    lastInterimSample = segmenter.position
    return {
      samples: segment.samples,
      options: {
        language: config.language,
        threads: deps.threads,
        audioCtx: fittedContext(segment.samples.length),
        singleSegment: true,
        fallback: false,
      },
      onDone({ tokens }) {
        const times = { startMs: toMs(segment.startSample), endMs: toMs(segment.endSample) }
        nextInterimAtMs = deps.now() + INTERIM_REST * (deps.now() - startedAtMs)
        sendInterim(spokenWords(tokens, { ...times, spaced: isSpaced() }), times)
      },
    }
  }

  function sendInterim(spoken: SpokenWords, times: { startMs: number; endMs: number }): void {
    if (spoken.text === '' || spoken.text === interimText) return
    interimText = spoken.text
    send({ type: 'interim', ...spoken, ...times })
  }

  function decodeFinal(segment: SpeechSegment): void {
    const done = waiting.add(segment)
    queue.final(client, {
      samples: segment.samples,
      get options() {
        const options = { language: config.language, threads: deps.threads, singleSegment: true }
        const fitted = fittedContext(segment.samples.length)
        if (catchUp.pace === 'short-context') {
          return { ...options, audioCtx: fitted, fallback: false }
        }
        return { ...options, audioCtx: Math.max(FINAL_CONTEXT, fitted) }
      },
      onDone({ tokens }) {
        done()
        const times = { startMs: toMs(segment.startSample), endMs: toMs(segment.endSample) }
        const spoken = spokenWords(tokens, { ...times, spaced: isSpaced() })
        sendFinal(spoken, times, segment.endsUtterance)
        keepPace()
        report()
        if (waiting.count === 0) onIdle?.()
      },
    })
    if (waiting.ms > (deps.waitingMaxMs ?? WAITING_MAX_MS)) giveUpOldest()
  }

  function giveUpOldest(): void {
    const dropped = queue.dropOldest(client)
    if (dropped) deps.onUnheard(waiting.drop(dropped.samples))
  }

  function keepPace(): void {
    const before = catchUp.pace
    const pace = catchUp.observe(waiting.lagMs, deps.now())
    if (pace === before) return
    // What a starved processor is at could take it longer than all the rest.
    if (pace === 'short-context') queue.restartFinal(client)
    deps.onPace(pace)
  }

  function sendFinal(
    spoken: SpokenWords,
    times: { startMs: number; endMs: number },
    endsUtterance: boolean,
  ): void {
    // An empty final takes back an interim that turned out to be nothing.
    const due = spoken.text !== '' || interimText !== '' || (openUtterance && endsUtterance)
    interimText = ''
    if (!due) return
    const speechFinal = endsUtterance && config.endpointMs !== undefined
    openUtterance = !endsUtterance
    lastWordEndMs = spoken.words.at(-1)?.endMs ?? lastWordEndMs
    send({ type: 'final', ...spoken, ...times, speechFinal })
  }

  function checkUtteranceEnd(): void {
    const { utteranceEndMs } = config
    if (utteranceEndMs === undefined || lastWordEndMs === undefined) return
    if (segmenter.speaking || waiting.count > 0) return
    if (toMs(segmenter.position) - lastWordEndMs < utteranceEndMs) return
    send({ type: 'utterance-end', lastWordEndMs })
    lastWordEndMs = undefined
  }

  function report(): void {
    deps.progress(bytesToMs(heardBytes), waiting.ms)
  }

  function sendUsage(): void {
    usageMs = bytesToMs(heardBytes)
    send({ type: 'usage', audioMs: usageMs })
  }

  function isSpaced(): boolean {
    return !UNSPACED.has(config.language)
  }

  return {
    write(pcm) {
      heardBytes += pcm.byteLength
      segmenter.push(toSamples(pcm))
      keepPace()
      checkUtteranceEnd()
      if (bytesToMs(heardBytes) - usageMs >= USAGE_EVERY_MS) sendUsage()
      report()
      queue.wake()
    },
    finalize: () => segmenter.flush(),
    async close() {
      segmenter.flush()
      if (waiting.count > 0) await new Promise<void>((resolve) => (onIdle = resolve))
      checkUtteranceEnd()
      sendUsage()
      queue.remove(client)
    },
    drop: () => queue.remove(client),
  }
}

/**
 * The encoder's window for so much audio and a second more. The library computes in steps of 256 and
 * listens to a whole step: in what a window does not fill lies the speech of an earlier decode, which
 * would be heard again.
 */
export function fittedContext(samples: number): number {
  const seconds = samples / SAMPLE_RATE_HZ
  return Math.min(1500, Math.ceil(((seconds + 1) * 50) / 256) * 256)
}
