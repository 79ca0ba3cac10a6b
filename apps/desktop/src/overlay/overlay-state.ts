import type { TranscriptState } from '@saywire/speech'

/** How many finals an overlay shows at most; older ones have scrolled out of sight. */
export const OVERLAY_LINES_MAX = 3

/** Everything that an overlay page shows: small, complete, and the same for every page. */
export interface OverlayState {
  /** The last finals, oldest first. An id stands for one line as long as the transcript lives. */
  readonly lines: readonly { readonly id: number; readonly text: string }[]
  /** What is being said now; empty where nothing is. */
  readonly interim: string
}

/** Pure: what viewers see of a transcript. */
export function overlayState({ finals, interim }: TranscriptState): OverlayState {
  return {
    // A final's end is its id: the transcript's horizon keeps it unique, and it survives a restart
    // of the page without anybody counting.
    lines: finals.slice(-OVERLAY_LINES_MAX).map(({ endMs, text }) => ({ id: endMs, text })),
    interim: interim?.text ?? '',
  }
}
