import type { SpeechEngine, SpeechEvent } from '@saywire/speech'
import { feedFast } from './feed-fast.ts'
import type { Sound } from './sounds/sounds.ts'

/** What an engine made of sounds without a word. */
export interface Invented {
  readonly sound: string
  readonly durationMs: number
  /** Until all of it had its answer, s. */
  readonly tookS: number
  /** Words that somebody would have seen: of a stretch's final, or of an interim that had more. */
  readonly words: number
  readonly texts: readonly string[]
}

export async function listenToSound(
  engine: SpeechEngine,
  sound: Sound,
  durationMs: number,
): Promise<Invented> {
  const pcm = sound.render(durationMs)
  const startedAtMs = performance.now()
  const events = await feedFast(engine, pcm, { interims: true })
  const tookS = (performance.now() - startedAtMs) / 1000
  return { sound: sound.name, durationMs, tookS, ...inventedWords(events) }
}

/** All words that were shown, each once. */
export function inventedWords(events: readonly SpeechEvent[]): Pick<Invented, 'words' | 'texts'> {
  let words = 0
  const texts: string[] = []
  let shown: { readonly words: number; readonly text: string } = { words: 0, text: '' }
  const close = () => {
    words += shown.words
    if (shown.words > 0) texts.push(shown.text)
    shown = { words: 0, text: '' }
  }
  for (const event of events) {
    if (event.type !== 'interim' && event.type !== 'final') continue
    if (event.words.length > shown.words) shown = { words: event.words.length, text: event.text }
    if (event.type === 'final') close()
  }
  close()
  return { words, texts }
}
