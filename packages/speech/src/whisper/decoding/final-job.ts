import type { Decoded } from '../library/whisper-binding.ts'
import { fittedWindow } from './decode-window.ts'
import type { DecodeKind } from './decode-window.ts'
import type { DecodeJob } from './decode-queue.ts'
import type { SpeechSegment } from './segmenter.ts'
import type { SessionLanguage } from './session-language.ts'
import { isDoubtful } from './spoken-words.ts'

/** What is done with a final's decode; `again`: it must be heard once more, in another language. */
export type Hear = (decoded: Decoded, heardIn: string) => 'again' | void

export interface FinalJobOptions {
  readonly segment: SpeechSegment
  readonly language: Pick<SessionLanguage, 'finalOptions'>
  readonly threads: number
  /** What its speech was last heard as. */
  readonly draft: () => string
  readonly hear: Hear
  /** Whether there is time to decode it twice, and somebody who waits for that. */
  readonly mayTakeLong: () => boolean
}

/** Once more in a wide window where the decoder was not sure: short words are unclear without room. */
export function finalJob(options: FinalJobOptions): DecodeJob {
  const { segment, language, threads, draft, hear, mayTakeLong } = options
  let heardIn = ''
  let kind: DecodeKind = 'final'
  return {
    samples: segment.samples,
    get options() {
      const { finalOptions } = language
      heardIn = finalOptions.language
      const limits = fittedWindow(segment.samples, heardIn, kind)
      return { ...finalOptions, ...limits, draft: draft(), threads }
    },
    onDone(decoded) {
      const mayHearAgain = kind === 'final' && mayTakeLong()
      if (!mayHearAgain || !isDoubtful(decoded)) return hear(decoded, heardIn)
      kind = 'doubtful'
      return 'again'
    },
  }
}
