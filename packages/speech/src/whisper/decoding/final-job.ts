import type { Word } from '../../speech-event.ts'
import type { Decoded } from '../library/whisper-binding.ts'
import { fittedWindow } from './decode-window.ts'
import type { DecodeKind } from './decode-window.ts'
import type { DecodeJob } from './decode-queue.ts'
import { withoutLeadIn } from './lead-in.ts'
import type { LeadIn } from './lead-in.ts'
import type { SpeechSegment } from './segmenter.ts'
import type { SessionLanguage } from './session-language.ts'
import { isDoubtful } from './spoken-words.ts'

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
 * Where the decoder was not sure: once more behind what was said before, and if that is no better, alone in a
 * wide window. Short words are unclear without either.
 */
export function finalJob(options: FinalJobOptions): DecodeJob {
  const { segment, language, hear, mayTakeLong } = options
  let heardIn = ''
  let kind: DecodeKind = 'final'
  let leadIn: LeadIn | undefined
  const leadInSamples = () => leadIn?.samples.length ?? 0
  return {
    samples: segment.samples,
    get leadIn() {
      return leadIn?.samples
    },
    get options() {
      const { finalOptions } = language
      heardIn = finalOptions.language
      const limits = fittedWindow(leadInSamples() + segment.samples.length, heardIn, kind)
      const draft = options.draft(leadIn?.words ?? [])
      return { ...finalOptions, ...limits, draft, aligned: true, threads: options.threads }
    },
    onDone(decoded) {
      const all = options.wordsOf(decoded, leadInSamples())
      const words = leadIn ? withoutLeadIn(all, leadIn) : all
      const isLast = kind === 'doubtful' || !mayTakeLong()
      if (words && (isLast || !isDoubtful(decoded))) return hear({ decoded, heardIn, words })
      leadIn = leadIn || isLast ? undefined : options.leadIn()
      if (!leadIn) kind = 'doubtful'
      return 'again'
    },
  }
}
