import { useEffect, useMemo, useState } from 'react'
import type { CaptionState } from './captions.ts'
import { sampleCaptions, speakingTimeMs } from './sample-captions.ts'

/** Half a word. */
const TICK_MS = 160
/** Where it begins, and what a still picture shows: the middle of the second round. */
const FIRST_ROUNDS = 1.5

/** Captions of somebody who speaks the sentences over and over, and the clock of their times. */
export function useSampleCaptions(
  sentences: readonly string[],
  isPaused: boolean,
): { captions: CaptionState; now: () => number } {
  const roundMs = speakingTimeMs(sentences)
  const [elapsedMs, setElapsedMs] = useState(roundMs * FIRST_ROUNDS)
  const isStill = usePrefersLessMotion() || isPaused
  useEffect(() => {
    if (isStill) return undefined
    const timer = setInterval(() => {
      if (!document.hidden) setElapsedMs((before) => before + TICK_MS)
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [isStill])
  return useMemo(
    () => ({ captions: sampleCaptions(sentences, elapsedMs), now: () => elapsedMs }),
    [sentences, elapsedMs],
  )
}

function usePrefersLessMotion(): boolean {
  const [query] = useState(() => matchMedia('(prefers-reduced-motion: reduce)'))
  const [prefers, setPrefers] = useState(query.matches)
  useEffect(() => {
    const update = () => setPrefers(query.matches)
    query.addEventListener('change', update)
    return () => query.removeEventListener('change', update)
  }, [query])
  return prefers
}
