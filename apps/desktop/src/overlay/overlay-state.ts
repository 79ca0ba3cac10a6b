import type { Caption, CaptionState } from '@saywire/overlay'
import { CAPTIONS_MAX } from '@saywire/overlay'
import type { FinalEvent, TranscriptState } from '@saywire/speech'
import { committedText } from '@saywire/speech'

/**
 * Pure: what viewers may see of a transcript at `nowMs`, after `previous`. A guess keeps its id when
 * it grows and when it becomes final. Returns `previous` itself where nothing changed for viewers.
 */
export function overlayState(
  previous: CaptionState,
  transcript: TranscriptState,
  nowMs: number,
): CaptionState {
  let guess = previous.interim
  let nextId = 1 + Math.max(-1, guess?.id ?? -1, previous.lines.at(-1)?.id ?? -1)

  const lines = transcript.finals.slice(-CAPTIONS_MAX).map((final) => {
    const known = previous.lines.find((line) => isSame(line, final))
    if (known) return known
    const { text, startMs, endMs } = final
    const { id = nextId++, appearedAtMs = nowMs } = guess ?? {}
    guess = null
    return { id, text, startMs, endMs, appearedAtMs, changedAtMs: nowMs }
  })

  const interim = interimOf(transcript, guess, nextId, nowMs)
  const sameLines =
    lines.length === previous.lines.length && lines.every((line, n) => line === previous.lines[n])
  if (sameLines && interim === previous.interim && !previous.ended) return previous
  return { lines, interim, ended: false }
}

function interimOf(
  { interim }: TranscriptState,
  guess: Caption | null,
  nextId: number,
  nowMs: number,
): Caption | null {
  if (!interim || interim.text === '') return null
  const settledChars = committedText(interim).length
  if (interim.text === guess?.text) {
    // Nobody has to read it anew, so it is no younger for it.
    return settledChars === (guess.settledChars ?? 0) ? guess : { ...guess, settledChars }
  }
  const { text, startMs, endMs } = interim
  const { id = nextId, appearedAtMs = nowMs } = guess ?? {}
  const caption = { id, text, startMs, endMs, appearedAtMs, changedAtMs: nowMs }
  return settledChars === 0 ? caption : { ...caption, settledChars }
}

/** A final's end is unique within its transcript; another session's may have other words. */
function isSame(line: Caption, final: FinalEvent): boolean {
  return line.endMs === final.endMs && line.text === final.text
}
