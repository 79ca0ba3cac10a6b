import type { Caption, CaptionState } from './captions.ts'

/** How long captions take to fade out, ms. The CSS has the same number. */
export const FADE_OUT_MS = 900
/** When captioning has ended, captions that never fade in a silence do after this, s. */
const FADE_ENDED_SECONDS = 10

export interface RowLimits {
  /** Silence after which captions fade; 0 = never. */
  readonly fadeSeconds: number
  readonly maxLines: number
  /** Words that may still change are shown. */
  readonly interim: boolean
}

export interface OverlayRow {
  readonly id: number
  readonly text: string
  /** Of a guess: its first characters that will not change any more. */
  readonly settledChars: number
  readonly startMs: number
  readonly isInterim: boolean
}

export interface OverlayView {
  readonly rows: readonly OverlayRow[]
  /** They are on their way out. */
  readonly isFading: boolean
  /** What had changed last by then, on the publisher's clock, has faded: it does not come back. */
  readonly fadedMs: number
  /** When the view changes without new captions, on the publisher's clock; undefined = never. */
  readonly changesAtMs: number | undefined
}

/**
 * Pure: what viewers see at `nowMs` on the publisher's clock. All captions fade together after a
 * silence, and those from before a silence do not come back with the next words; a page that was
 * opened in the middle of it sees the same as one that was there all along.
 * @param fadedMs of the view before: nothing comes back because captions stay longer from now on
 */
export function visibleRows(
  captions: CaptionState,
  limits: RowLimits,
  nowMs: number,
  fadedMs = -Infinity,
): OverlayView {
  const fadeMs = fadeAfterMs(limits.fadeSeconds, captions.ended)
  const { lines, interim } = captions
  const all = interim ? [...lines, interim] : lines
  const left = all.filter((caption) => caption.changedAtMs > fadedMs)
  const recent = sinceSilence(left, fadeMs)
  const newest = recent.at(-1)
  if (!newest) return nothing(fadedMs)

  const fadesAtMs = newest.changedAtMs + fadeMs
  const goneAtMs = fadesAtMs + FADE_OUT_MS
  if (nowMs >= goneAtMs) return nothing(newest.changedAtMs)
  const lastFaded = left[left.length - recent.length - 1]
  const isFading = nowMs >= fadesAtMs
  const shown = limits.interim ? recent : recent.filter((caption) => caption !== interim)
  const rows = shown.slice(-limits.maxLines).map((caption) => ({
    id: caption.id,
    text: caption.text,
    settledChars: caption.settledChars ?? 0,
    startMs: caption.startMs,
    isInterim: caption === interim,
  }))
  const changesAtMs = isFading ? goneAtMs : fadesAtMs
  return {
    rows,
    isFading,
    fadedMs: lastFaded?.changedAtMs ?? fadedMs,
    changesAtMs: Number.isFinite(changesAtMs) ? changesAtMs : undefined,
  }
}

function nothing(fadedMs: number): OverlayView {
  return { rows: [], isFading: false, fadedMs, changesAtMs: undefined }
}

function fadeAfterMs(fadeSeconds: number, ended: boolean): number {
  if (fadeSeconds > 0) return fadeSeconds * 1000
  return ended ? FADE_ENDED_SECONDS * 1000 : Infinity
}

/** The captions after the last silence in which those before had begun to fade. */
function sinceSilence(captions: readonly Caption[], fadeMs: number): readonly Caption[] {
  const first = captions.findLastIndex((caption, index) => {
    const before = captions[index - 1]
    return before !== undefined && caption.appearedAtMs - before.changedAtMs >= fadeMs
  })
  return first === -1 ? captions : captions.slice(first)
}
