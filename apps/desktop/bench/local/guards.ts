import type { Guard } from '@saywire/speech/whisper'
import { GUARDS } from '@saywire/speech/whisper'
import { wordErrors } from '@saywire/speech/testing'
import { alignWords } from './align-words.ts'
import { feedFast, finalText } from './feed-fast.ts'
import type { MeasuredEngine } from './measured-engine.ts'
import { listenToSound } from './non-speech.ts'
import type { Sound } from './sounds/sounds.ts'
import type { SpeechClip } from './speech-set.ts'
import { sumOf } from './statistics.ts'
import { writtenWords } from './word-times.ts'

export interface GuardResult {
  /** Guards that were switched off. */
  readonly off: readonly Guard[]
  readonly inventedPerMin: number
  readonly inventedBySound: Readonly<Record<string, number>>
  readonly invented: readonly string[]
  /** Of what was said: words with nothing in their place, and words that differ, of how many. */
  readonly lost: number
  readonly errors: number
  readonly words: number
}

export interface GuardTrial {
  readonly start: (off: readonly Guard[]) => Promise<MeasuredEngine>
  readonly sounds: readonly Sound[]
  /** Of each sound. */
  readonly soundMs: number
  readonly clips: readonly SpeechClip[]
  readonly onResult: (result: GuardResult) => void
}

/** What each guard is worth, beside the others and by itself: where they overlap, only the latter tells. */
export interface GuardResults {
  readonly all: GuardResult
  readonly none: GuardResult
  readonly each: readonly { guard: Guard; without: GuardResult; alone: GuardResult }[]
}

/** With all guards, without any, and without each one and with it alone. */
export async function tryGuards(trial: GuardTrial): Promise<GuardResults> {
  async function tryOff(off: readonly Guard[]): Promise<GuardResult> {
    const measured = await trial.start(off)
    try {
      const result = await tryWithout(off, measured, trial)
      trial.onResult(result)
      return result
    } finally {
      await measured.dispose()
    }
  }
  const all = await tryOff([])
  const none = await tryOff(GUARDS)
  const each = []
  for (const guard of GUARDS) {
    const without = await tryOff([guard])
    const alone = await tryOff(GUARDS.filter((other) => other !== guard))
    each.push({ guard, without, alone })
  }
  return { all, none, each }
}

async function tryWithout(
  off: readonly Guard[],
  { engine }: MeasuredEngine,
  { sounds, soundMs, clips }: GuardTrial,
): Promise<GuardResult> {
  const heard = []
  for (const sound of sounds) heard.push(await listenToSound(engine, sound, soundMs))
  let lost = 0
  let errors = 0
  let words = 0
  for (const clip of clips) {
    const text = finalText(await feedFast(engine, clip.pcm, { interims: false }))
    const score = wordErrors(clip.reference, text)
    lost += alignWords(toWords(clip.reference), toWords(text)).lost
    errors += score.errors
    words += score.words
  }
  const minutes = (sounds.length * soundMs) / 60_000
  return {
    off,
    inventedPerMin: sumOf(heard.map((each) => each.words)) / minutes,
    inventedBySound: Object.fromEntries(heard.map((each) => [each.sound, each.words])),
    invented: heard.flatMap((each) => each.texts),
    lost,
    errors,
    words,
  }
}

function toWords(text: string) {
  return writtenWords(text).map((word) => ({ text: word }))
}
