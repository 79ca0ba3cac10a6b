import type { FinalEvent, InterimEvent, SpeechEvent, Word } from '@saywire/speech'

/** What an engine said, and when: ms on the clock of the audio, which is fed in real time. */
export interface TimedEvent {
  readonly event: SpeechEvent
  readonly atMs: number
}

/** A word of a final. The moments are ms on the clock of the audio. */
export interface HeardWord extends Word {
  /** When it was first said to be settled. */
  readonly committedAtMs: number
  /** When its utterance was ended by a final with `speechFinal`; undefined where none did. */
  readonly endedAtMs: number | undefined
}

export interface HeardSpeech {
  readonly words: readonly HeardWord[]
  /** Words that were said to be settled. */
  readonly committed: number
  /** How many of those were another word, or none, in a later interim or the final. */
  readonly changed: number
  readonly changes: readonly string[]
}

type Timed<Event> = { readonly event: Event; readonly atMs: number }

/**
 * Follows each word from the interim that first commits it to its final, and holds an engine to what
 * `committedWords` promises.
 */
export function followWords(events: readonly TimedEvent[]): HeardSpeech {
  const words: (Word & { committedAtMs: number; endedAtMs: number | undefined })[] = []
  const changes: string[] = []
  let open: Timed<InterimEvent>[] = []
  let firstOpen = 0
  let committed = 0
  for (const { event, atMs } of events) {
    if (event.type === 'interim') open.push({ event, atMs })
    if (event.type !== 'final') continue
    // While a final is made, the next stretch may have begun.
    const isBefore = ({ event: { startMs } }: Timed<InterimEvent>) => startMs < event.endMs
    const interims = open.filter(isBefore)
    open = open.filter((each) => !isBefore(each))
    const stretch = followStretch(interims, event)
    committed += stretch.committed
    changes.push(...stretch.changes)
    for (const [i, word] of event.words.entries()) {
      const committedAtMs = stretch.committedAtMs[i] ?? atMs
      words.push({ ...word, committedAtMs, endedAtMs: undefined })
    }
    if (!event.speechFinal) continue
    for (; firstOpen < words.length; firstOpen++) {
      const word = words[firstOpen]
      if (word) word.endedAtMs = atMs
    }
  }
  return { words, committed, changed: changes.length, changes }
}

function followStretch(interims: readonly Timed<InterimEvent>[], final: FinalEvent) {
  const committedAtMs: number[] = []
  const settled: string[] = []
  const changes: string[] = []
  const isChanged = new Set<number>()
  const compare = (words: readonly Word[]) => {
    for (const [i, text] of settled.entries()) {
      const now = lettersOf(words[i]?.text ?? '')
      if (now === text || isChanged.has(i)) continue
      isChanged.add(i)
      changes.push(`"${text}" became "${now}" at ${words[i]?.startMs ?? final.endMs} ms`)
    }
  }
  for (const { event, atMs } of interims) {
    compare(event.words)
    for (let i = settled.length; i < Math.min(event.committedWords ?? 0, event.words.length); i++) {
      settled.push(lettersOf(event.words[i]?.text ?? ''))
      committedAtMs.push(atMs)
    }
  }
  compare(final.words)
  return { committedAtMs, committed: settled.length, changes }
}

/** Case and punctuation may still change. */
function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
