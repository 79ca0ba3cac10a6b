import type { FinalEvent, InterimEvent, TranscriptState } from '@saywire/speech'
import type { CaptionSink } from '../core/ports.ts'
import type { WordRules } from './word-rules.ts'

/**
 * A sink that is told only what the rules leave: the events, and the transcript after them. A final
 * of which nothing is left comes as an event without text, and is not in the transcript.
 */
export function withWordRules(sink: CaptionSink, rules: WordRules | undefined): CaptionSink {
  if (!rules) return sink
  const shownFinals = memoisedFinals(rules)
  let interim: TranscriptState['interim']
  let shownInterim: TranscriptState['interim']

  return {
    ...sink,
    onEvent(event, transcript) {
      if (transcript.interim !== interim) {
        interim = transcript.interim
        shownInterim = interim && ruledInterim(rules, interim)
      }
      const shown = {
        ...transcript,
        finals: shownFinals.all(transcript.finals),
        interim: shownInterim,
      }
      if (event.type === 'final') sink.onEvent(shownFinals.one(event), shown)
      else if (event.type !== 'interim') sink.onEvent(event, shown)
      else if (event === interim && shownInterim) sink.onEvent(shownInterim, shown)
      else sink.onEvent(ruledInterim(rules, event), shown)
    },
  }
}

/** An interim as the rules leave it, with as many committed words as are certain then. */
function ruledInterim(rules: WordRules, interim: InterimEvent): InterimEvent {
  const shown = rules.ofInterim(interim)
  const { committedWords = 0 } = interim
  if (committedWords === 0) return shown
  // What comes may make a phrase of the last ones that becomes something else.
  const words = interim.words.slice(0, Math.max(0, committedWords - rules.reachWords + 1))
  const text = words.map((word) => word.text).join(' ')
  const certain = rules.ofInterim({ ...interim, text, words }).words
  const changed = certain.findIndex((word, at) => word.text !== shown.words[at]?.text)
  return { ...shown, committedWords: changed === -1 ? certain.length : changed }
}

/** Each final is rewritten once; a list that grew is only looked at where it grew. */
function memoisedFinals(rules: WordRules) {
  const memo = new WeakMap<FinalEvent, FinalEvent>()
  let source: readonly FinalEvent[] = []
  let shown: readonly FinalEvent[] = []

  function one(final: FinalEvent): FinalEvent {
    const known = memo.get(final)
    if (known) return known
    const rewritten = rules.ofFinal(final)
    memo.set(final, rewritten)
    return rewritten
  }

  function all(finals: readonly FinalEvent[]): readonly FinalEvent[] {
    if (finals === source) return shown
    const grew = finals.length >= source.length && finals[source.length - 1] === source.at(-1)
    const added = (grew ? finals.slice(source.length) : finals)
      .map(one)
      .filter(({ text }) => text !== '')
    if (!grew) shown = added
    else if (added.length > 0) shown = shown.concat(added)
    source = finals
    return shown
  }

  return { one, all }
}
