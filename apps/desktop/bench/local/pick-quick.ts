import type { SpeechClip } from './speech-set.ts'

const CLEAN_MAX = 2

/** A few short clips of different kinds, one of them noisy: the shortest of each kind. */
export function pickQuick(clips: readonly SpeechClip[]): SpeechClip[] {
  const byLength = clips.toSorted((a, b) => a.durationMs - b.durationMs)
  const kinds = new Map<string, SpeechClip>()
  for (const clip of byLength) if (!kinds.has(clip.category)) kinds.set(clip.category, clip)
  const shortest = [...kinds.values()]
  return [
    ...shortest.filter(({ isNoisy }) => !isNoisy).slice(0, CLEAN_MAX),
    ...shortest.filter(({ isNoisy }) => isNoisy).slice(0, 1),
  ]
}
