import { alignWords } from './align-words.ts'
import type { SpeechClip } from './speech-set.ts'
import type { WhisperCli } from './whisper-cli.ts'
import type { Span } from './word-times.ts'
import { unwrittenSpeechOf, wordTimesOf, writtenWords } from './word-times.ts'

export interface ReferenceSpans {
  /** When each word of the reference is said, ms from the clip's beginning. */
  readonly spans: readonly (Span | undefined)[]
  /** What is said beside the reference's words, likewise. */
  readonly unwritten: readonly Span[]
  /** False where they are Whisper's own account: good for latencies, no yardstick for word times. */
  readonly isIndependent: boolean
}

export async function referenceSpans(clip: SpeechClip, cli: WhisperCli): Promise<ReferenceSpans> {
  const known = wordTimesOf(clip)
  if (known) return { spans: known, unwritten: unwrittenSpeechOf(clip), isIndependent: true }
  const heard = await cli.wordTimes(clip.pcm)
  const words = writtenWords(clip.reference).map((text) => ({ text }))
  const spans: (Span | undefined)[] = words.map(() => undefined)
  for (const { reference, heard: at } of alignWords(words, heard).pairs)
    spans[reference] ??= heard[at]
  return { spans, unwritten: [], isIndependent: false }
}
