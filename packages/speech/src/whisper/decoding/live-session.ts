import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { bytesToMs, toSamples } from '../../pcm.ts'
import type { Word } from '../../speech-event.ts'
import type { Decoded } from '../library/whisper-binding.ts'
import type { WhisperEvent, WhisperSessionConfig } from '../whisper-messages.ts'
import { createCatchUp } from './catch-up.ts'
import type { CatchUpLimits, Pace } from './catch-up.ts'
import type { GuessOptions } from './committed-words.ts'
import { fittedWindow } from './decode-window.ts'
import type { DecodeClient, DecodeJob, DecodeQueue } from './decode-queue.ts'
import type { Hear, HeardFinal } from './final-job.ts'
import { finalJob } from './final-job.ts'
import { createFinalsWaiting } from './finals-waiting.ts'
import { createInterimPace } from './interim-pace.ts'
import { leadInTo } from './lead-in.ts'
import type { HeardSegment } from './lead-in.ts'
import { createSegmenter } from './segmenter.ts'
import type { SpeechSegment } from './segmenter.ts'
import { createSessionLanguage } from './session-language.ts'
import { joinWords, saysTwice, spokenWords } from './spoken-words.ts'
import { createStretch } from './stretch.ts'
import type { Stretch } from './stretch.ts'
import { createUtteranceFinals } from './utterance-finals.ts'
import type { VoiceDetector } from './voice-detector.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000
const USAGE_EVERY_MS = 1000
/** A pause that ends a segment where `endpointing` is off. */
const SEGMENT_PAUSE_MS = 500
/** Below this a pause between two words would be cut in half. */
const SHORTEST_ENDPOINT_MS = 200
/**
 * Speech that may wait to be decoded: 19 MB of samples, and what two slow cores catch up with in
 * half a minute. Beyond it the oldest is given up, and said to be.
 */
const WAITING_MAX_MS = 5 * 60_000
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

/** A segment that may be over: decoded before that is certain. */
interface Early {
  readonly segment: SpeechSegment
  readonly job: DecodeJob
  heard: HeardFinal | undefined
  /** It is over, and this is done with what comes of it. */
  onFinal: Hear | undefined
}

export function createLiveSession(deps: LiveSessionDeps): LiveSession {
  const { config, queue, send } = deps
  const toMs = (sample: number) => config.startMs + Math.floor(sample / SAMPLES_PER_MS)
  const segmenter = createSegmenter({
    detector: deps.detector,
    endpointMs: Math.max(SHORTEST_ENDPOINT_MS, config.endpointMs ?? SEGMENT_PAUSE_MS),
    onSpeechStart: (sample) => send({ type: 'speech-started', atMs: toMs(sample) }),
    onPause: decodeEarly,
    onSegment: decodeFinal,
    cutFromSample: () => ((stretch.lastCommitted?.endMs ?? 0) - config.startMs) * SAMPLES_PER_MS,
  })
  const client: DecodeClient = { nextInterim }
  const waiting = createFinalsWaiting(deps.now)
  const catchUp = createCatchUp(deps.catchUpLimits)
  const pace = createInterimPace(deps.now)
  const language = createSessionLanguage(config)
  const finals = createUtteranceFinals(config, send)
  let heardBytes = 0
  let usageMs = 0
  let stretch = createStretch()
  let early: Early | undefined
  let onIdle: (() => void) | undefined
  let before: HeardSegment | undefined
  queue.add(client)

  function timesOf({ startSample, endSample }: Omit<SpeechSegment, 'samples'>) {
    return { startMs: toMs(startSample), endMs: toMs(endSample) }
  }

  function wordsOf(decoded: Decoded, segment: SpeechSegment, leadIn = 0): readonly Word[] {
    const { isSpaced, interimOptions } = language
    const [startSample, endSample] = [segment.startSample - leadIn, segment.endSample]
    const { maxTokens } = fittedWindow(endSample - startSample, interimOptions.language, 'final')
    return spokenWords(decoded, {
      ...timesOf({ startSample, endSample }),
      spaced: isSpaced,
      maxTokens,
      disabledGuards: config.disabledGuards,
    })
  }

  function nextInterim(): DecodeJob | undefined {
    if (!config.interims || waiting.count > 0 || catchUp.pace !== 'full') return undefined
    // What may be over is decoded for its final.
    if (segmenter.paused || !pace.isDue(toMs(segmenter.position))) return undefined
    const { fromMs, fromWord } = stretch.interimStart
    const segment = segmenter.current(Math.max(0, fromMs - config.startMs) * SAMPLES_PER_MS)
    if (!segment) return undefined
    pace.begin(toMs(segmenter.position))
    const mine = stretch
    const options = language.interimOptions
    return {
      samples: segment.samples,
      options: {
        ...options,
        ...fittedWindow(segment.samples.length, options.language, 'interim'),
        draft: draftOf(mine.words.draft(fromWord)),
        threads: deps.threads,
      },
      onDone(decoded) {
        pace.end()
        const isHeardRight = language.hearInterim(decoded)
        // Its stretch has ended meanwhile.
        if (stretch !== mine) return
        const words = wordsOf(decoded, segment)
        const heardMs = toMs(segment.endSample)
        const isSure = isHeardRight && !saysTwice(words)
        if (words.length > 0) guess(words, { fromWord, isSure, heardMs })
      },
    }
  }

  function draftOf(words: readonly Word[]): string {
    const text = joinWords(words, language.isSpaced)
    return language.isSpaced && text !== '' ? ` ${text}` : text
  }

  function guess(words: readonly Word[], options: GuessOptions): void {
    stretch.words.guess(words, options)
    sendInterim()
  }

  function sendInterim(): void {
    const { startSample } = segmenter
    if (!config.interims || startSample === undefined) return
    const shown = stretch.show(language.isSpaced)
    if (!shown) return
    send({ type: 'interim', ...shown, ...timesOf({ startSample, endSample: segmenter.position }) })
  }

  function jobFor(
    segment: SpeechSegment,
    of: Stretch,
    hear: Hear,
    isWaitedFor: () => boolean,
  ): DecodeJob {
    return finalJob({
      segment,
      language,
      threads: deps.threads,
      wordsOf: (decoded, leadIn) => wordsOf(decoded, segment, leadIn),
      leadIn: () => (config.translate ? undefined : leadInTo(segment, before, toMs)),
      draft: (leadIn) => draftOf([...leadIn, ...of.words.draft(0)]),
      hear,
      mayTakeLong: () => catchUp.pace === 'full' && isWaitedFor(),
    })
  }

  /** By the time that it is certain to be over, the final is there. */
  function decodeEarly(segment: SpeechSegment): void {
    if (catchUp.pace !== 'full' || waiting.count > 0) return
    const mine = stretch
    const hear: Hear = (heard) => {
      attempt.heard = heard
      if (attempt.onFinal) return attempt.onFinal(heard)
      // Not over yet, or after all not: then it is the best guess there is, as a pause follows it.
      const { decoded, words } = heard
      const isSure = language.hearInterim(decoded)
      if (stretch !== mine || words.length === 0) return
      guess(words, { settledMs: toMs(segment.endSample), isSure })
    }
    const isWaitedFor = () => attempt.onFinal !== undefined || early === attempt
    const job = jobFor(segment, mine, hear, isWaitedFor)
    const attempt: Early = { segment, job, heard: undefined, onFinal: undefined }
    early = attempt
    queue.final(client, job)
  }

  /** Somebody spoke on: what has not begun need not be decoded as it was. */
  function keepEarly(): void {
    if (!early || segmenter.paused === early.segment) return
    queue.cancel(early.job)
    early = undefined
  }

  function decodeFinal(segment: SpeechSegment, endsUtterance: boolean): void {
    const attempt = early?.segment === segment ? early : undefined
    const ended = stretch
    early = undefined
    stretch = createStretch(ended.words.splitAt(toMs(segment.endSample)))
    const sendFinal = (words: readonly Word[]): void => {
      finals.send({
        words,
        ...timesOf(segment),
        endsUtterance,
        wasShown: ended.wasShown,
        isSpaced: language.isSpaced,
      })
    }
    // Where nobody will hear it to its end, what was committed of it is final all the same.
    const done = waiting.add(segment, () => sendFinal(ended.words.complete([])))
    const hear: Hear = ({ decoded, heardIn, words }) => {
      const speechMs = segment.samples.length / SAMPLES_PER_MS
      if (language.hearFinal(decoded, speechMs, ended) !== heardIn) return 'again'
      before = { segment, words: ended.words.complete(words, decoded.aligned) }
      sendFinal(before.words)
      done()
      keepPace()
      report()
      if (waiting.count === 0) onIdle?.()
    }
    if (attempt && !attempt.heard) attempt.onFinal = hear
    else if (!attempt?.heard || hear(attempt.heard) === 'again')
      queue.final(
        client,
        jobFor(segment, ended, hear, () => true),
      )
    if (waiting.ms > (deps.waitingMaxMs ?? WAITING_MAX_MS)) giveUpOldest()
  }

  function giveUpOldest(): void {
    const dropped = queue.dropOldest(client)
    if (dropped) deps.onUnheard(waiting.drop(dropped.samples))
  }

  function keepPace(): void {
    const before = catchUp.pace
    const now = catchUp.observe(waiting.lagMs, deps.now())
    if (now === before) return
    deps.onPace(now)
  }

  function checkUtteranceEnd(): void {
    if (segmenter.startSample === undefined && waiting.count === 0)
      finals.checkEnd(toMs(segmenter.position))
  }

  function report(): void {
    deps.progress(bytesToMs(heardBytes), waiting.ms)
  }

  function sendUsage(): void {
    usageMs = bytesToMs(heardBytes)
    send({ type: 'usage', audioMs: usageMs })
  }

  return {
    write(pcm) {
      heardBytes += pcm.byteLength
      segmenter.push(toSamples(pcm))
      keepEarly()
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
