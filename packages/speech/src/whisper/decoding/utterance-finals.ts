import type { Word } from '../../speech-event.ts'
import type { WhisperEvent, WhisperSessionConfig } from '../whisper-messages.ts'
import { joinWords, meanConfidence } from './spoken-words.ts'

/** A stretch of speech that is over. Times are ms on the capture clock. */
export interface SpokenStretch {
  readonly words: readonly Word[]
  readonly startMs: number
  readonly endMs: number
  /** The speaker paused after it; false where it was cut. */
  readonly endsUtterance: boolean
  /** An interim had shown some of it. */
  readonly wasShown: boolean
  readonly isSpaced: boolean
}

/** Finals, and what is said of utterances because of them. */
export interface UtteranceFinals {
  send(stretch: SpokenStretch): void
  /** Where nobody speaks and no final waits: whether the last word is so long ago that its utterance is over. */
  checkEnd(nowMs: number): void
}

export function createUtteranceFinals(
  config: Pick<WhisperSessionConfig, 'endpointMs' | 'utteranceEndMs'>,
  send: (event: WhisperEvent) => void,
): UtteranceFinals {
  const { endpointMs, utteranceEndMs } = config
  /** A final without speechFinal was sent, which a later one must complete. */
  let isOpen = false
  /** The last word that was final, until its utterance's end was told. */
  let lastWordEndMs: number | undefined

  return {
    send({ words, startMs, endMs, endsUtterance, wasShown, isSpaced }) {
      // An empty final takes back an interim that turned out to be nothing.
      if (words.length === 0 && !wasShown && !(isOpen && endsUtterance)) return
      const speechFinal = endsUtterance && endpointMs !== undefined
      isOpen = !endsUtterance
      lastWordEndMs = words.at(-1)?.endMs ?? lastWordEndMs
      const [text, confidence] = [joinWords(words, isSpaced), meanConfidence(words)]
      send({ type: 'final', text, words, confidence, startMs, endMs, speechFinal })
    },
    checkEnd(nowMs) {
      if (utteranceEndMs === undefined || lastWordEndMs === undefined) return
      if (nowMs - lastWordEndMs < utteranceEndMs) return
      send({ type: 'utterance-end', lastWordEndMs })
      lastWordEndMs = undefined
    },
  }
}
