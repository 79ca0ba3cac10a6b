import type { CaptionSink } from '../core/ports.ts'
import type { Settings, WordOutput } from '../settings/settings.ts'
import { withWordRules } from '../words/with-word-rules.ts'
import { createWordRules } from '../words/word-rules.ts'

/** A sink with the user's word rules for its output, as they are at each event. */
export function createRuledSink(
  sink: CaptionSink,
  output: WordOutput,
  words: () => Settings['words'],
): CaptionSink {
  let compiledFrom: Settings['words'] | undefined
  let ruled = sink
  return {
    ...sink,
    onEvent(event, transcript) {
      const current = words()
      if (current !== compiledFrom) {
        compiledFrom = current
        ruled = withWordRules(sink, createWordRules(current, output))
      }
      ruled.onEvent(event, transcript)
    },
  }
}
