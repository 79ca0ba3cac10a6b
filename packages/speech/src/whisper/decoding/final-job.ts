import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { Word } from '../../speech-event.ts'
import type { Decoded } from '../library/whisper-binding.ts'
import { fittedWindow, WINDOW_STEP } from './decode-window.ts'
import type { DecodeKind } from './decode-window.ts'
import type { DecodeJob } from './decode-queue.ts'
import { withoutLeadIn } from './lead-in.ts'
import type { LeadIn } from './lead-in.ts'
import type { SpeechSegment } from './segmenter.ts'
import type { SessionLanguage } from './session-language.ts'
import { isDoubtful, isInvented } from './spoken-words.ts'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000

/** What a final's decode came to. */
export interface HeardFinal {
  readonly decoded: Decoded
  readonly heardIn: string
  readonly words: readonly Word[]
}

/** What is done with it; `again`: it must be heard once more, in another language. */
export type Hear = (heard: HeardFinal) => 'again' | void

export interface FinalJobOptions {
  readonly segment: SpeechSegment
  readonly language: Pick<SessionLanguage, 'finalOptions'>
  readonly threads: number
  /** The words of a decode that began so many samples before the segment. */
  readonly wordsOf: (decoded: Decoded, leadInSamples: number) => readonly Word[]
  /** What was said just before. */
  readonly leadIn: () => LeadIn | undefined
  /** What the speech behind these words was last heard as, with them. */
  readonly draft: (leadInWords: readonly Word[]) => string
  readonly hear: Hear
  /** Whether there is time to decode it again, and somebody who waits for that. */
  readonly mayTakeLong: () => boolean
}

/**
 * Where the decoder was not sure: once more behind what was said before, and if that is no clearer, alone in a
 * window that is wider, if its first was narrow. Short words are unclear without either.
 */
export function finalJob(options: FinalJobOptions): DecodeJob {
  const { segment, language, mayTakeLong } = options
  let heardIn = ''
  let kind: DecodeKind = 'final'
  let leadIn: LeadIn | undefined
  /** What it was heard as without what was said before. */
  let alone: HeardFinal | undefined
  const leadInSamples = () => leadIn?.samples.length ?? 0

  const windowFor = (of: DecodeKind) =>
    fittedWindow(leadInSamples() + segment.samples.length, heardIn, of)

  function hearAlone(decoded: Decoded): 'again' | void {
    const heard = { decoded, heardIn, words: options.wordsOf(decoded, 0) }
    if (kind === 'doubtful' || !isDoubtful(decoded) || !mayTakeLong()) return options.hear(heard)
    leadIn = options.leadIn()
    // What is long has had as wide a window: it would be heard as the same.
    const widerBy = windowFor('doubtful').audioCtx - windowFor('final').audioCtx
    if (!leadIn && widerBy < WINDOW_STEP) return options.hear(heard)
    alone = heard
    if (!leadIn) kind = 'doubtful'
    return 'again'
  }

  function hearLed(decoded: Decoded, led: LeadIn, before: HeardFinal): 'again' | void {
    leadIn = undefined
    const words = withoutLeadIn(options.wordsOf(decoded, led.samples.length), led)
    // Clear words before it make nothing likely behind them.
    const leadInMs = led.samples.length / SAMPLES_PER_MS
    const own = decoded.tokens.filter(({ startMs }) => startMs >= leadInMs)
    if (words && words.length > 0 && own.length > 0 && !isInvented({ tokens: own })) {
      // The language is that of the segment.
      const { guesses } = before.decoded
      return options.hear({ decoded: { ...decoded, guesses }, heardIn, words })
    }
    if (!mayTakeLong()) return options.hear(before)
    kind = 'doubtful'
    return 'again'
  }

  return {
    samples: segment.samples,
    get leadIn() {
      return leadIn?.samples
    },
    get options() {
      const { finalOptions } = language
      heardIn = finalOptions.language
      const draft = options.draft(leadIn?.words ?? [])
      // A translation does not follow the order of what was said.
      const aligned = finalOptions.translate !== true
      return { ...finalOptions, ...windowFor(kind), draft, aligned, threads: options.threads }
    },
    onDone: (decoded) => (leadIn && alone ? hearLed(decoded, leadIn, alone) : hearAlone(decoded)),
  }
}
