import type { Word } from '../speech-event.ts'
import type { FakeTranscriber, TranscriberOptions } from './fake-deepgram-scribe.ts'
import { createFakeScribe } from './fake-deepgram-scribe.ts'

const STEP_SAMPLES = 320
/** So many samples in a row tell where in a recording they are. */
const KEY_SAMPLES = 6
const SAMPLES_PER_MS = 16
const BYTES_PER_SAMPLE = 2

/**
 * Deepgram's messages about one recording, whose words somebody else has heard, wherever in a stream
 * and from whichever of its samples on it is played: each word that came whole, to the sample.
 * Everything else is silence.
 * @param pcm s16le, 16 kHz, mono
 */
export function createRecordingTranscriber(
  pcm: Uint8Array,
  words: readonly Word[],
): (options: TranscriberOptions) => FakeTranscriber {
  const samples = toSamples(pcm)
  const places = findPlaces(samples)

  return (options) => {
    const scribe = createFakeScribe(options)
    const recent: number[] = []
    let heard = 0
    /** Where in the recording the stretch that is heard began, and goes on. */
    let from = 0
    let place: number | undefined

    const startOf = (word: Word) => Math.round(word.startMs * SAMPLES_PER_MS)
    const endOf = (word: Word) => Math.round(word.endMs * SAMPLES_PER_MS)

    function hear(sample: number): void {
      heard += 1
      if (place !== undefined && samples[place] === sample) place += 1
      else {
        recent.push(sample)
        if (recent.length > KEY_SAMPLES) recent.shift()
        const found = places.get(recent.join())
        place = found === undefined ? undefined : found + KEY_SAMPLES
        if (found !== undefined) recent.length = 0
        from = found ?? 0
      }
      const word = words.find((one) => endOf(one) === place && startOf(one) >= from)
      if (!word) return
      const [start, end] = [heard - (endOf(word) - startOf(word)), heard]
      const { text, confidence } = word
      scribe.addWord({
        text,
        start: start * BYTES_PER_SAMPLE,
        end: end * BYTES_PER_SAMPLE,
        confidence,
      })
    }

    function isInWord(): boolean {
      const now = place ?? 0
      return words.some((one) => startOf(one) >= from && startOf(one) < now && endOf(one) > now)
    }

    return {
      push(audio) {
        const said: object[] = []
        for (const sample of toSamples(audio)) {
          hear(sample)
          if (heard % STEP_SAMPLES === 0) {
            said.push(...scribe.advance(heard * BYTES_PER_SAMPLE, isInWord()))
          }
        }
        return said
      },
      finalize: (fromFinalize) => scribe.finalize(heard * BYTES_PER_SAMPLE, fromFinalize),
    }
  }
}

function toSamples(pcm: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(pcm).buffer)
}

/** Of each run of samples that occurs once. */
function findPlaces(samples: Int16Array): Map<string, number> {
  const places = new Map<string, number>()
  const repeated = new Set<string>()
  for (let at = 0; at + KEY_SAMPLES <= samples.length; at++) {
    const key = samples.subarray(at, at + KEY_SAMPLES).join()
    if (places.has(key)) repeated.add(key)
    places.set(key, at)
  }
  for (const key of repeated) places.delete(key)
  return places
}
