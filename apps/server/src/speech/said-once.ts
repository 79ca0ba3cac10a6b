import type { SpeechEvent } from '@saywire/speech'
import { wordsFrom } from '@saywire/speech'

/**
 * Lets each thing that is said pass once, also where one backend after the other hears the same
 * audio and says it again.
 * @param fromMs only words that lie here or later are new; where the present backend took over
 */
export type SaidOnce = (event: SpeechEvent, fromMs: number) => SpeechEvent | undefined

export function createSaidOnce(): SaidOnce {
  let speechStartedMs = Number.NEGATIVE_INFINITY
  /** Since the last word. */
  let hasUtteranceEnded = false

  return (event, fromMs) => {
    switch (event.type) {
      case 'interim':
      case 'final': {
        const words = wordsFrom(event, fromMs)
        if (words && words.text !== '') hasUtteranceEnded = false
        return words
      }
      case 'speech-started': {
        const isNew = event.atMs > speechStartedMs
        speechStartedMs = Math.max(speechStartedMs, event.atMs)
        return isNew ? event : undefined
      }
      case 'utterance-end': {
        const isNew = !hasUtteranceEnded
        hasUtteranceEnded = true
        return isNew ? event : undefined
      }
      default:
        return event
    }
  }
}
