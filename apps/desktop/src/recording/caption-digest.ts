import { createHash } from 'node:crypto'
import type { SpeechEvent } from '@saywire/speech'

const DIGEST_LENGTH = 16

/** A figure that is the same for the same captions: their words, times and order. */
export interface CaptionDigest {
  /** Other events change nothing. */
  add(event: SpeechEvent): void
  /** Of all captions so far. */
  read(): string
}

export function createCaptionDigest(): CaptionDigest {
  const hash = createHash('sha256')
  return {
    add(event) {
      if (event.type !== 'interim' && event.type !== 'final') return
      const words = event.words.map(({ text, startMs, endMs }) => [text, startMs, endMs])
      const isEnd = event.type === 'final' && event.speechFinal
      const { type, text, startMs, endMs } = event
      hash.update(JSON.stringify([type, text, startMs, endMs, isEnd, words]))
    },
    read: () => hash.copy().digest('hex').slice(0, DIGEST_LENGTH),
  }
}
