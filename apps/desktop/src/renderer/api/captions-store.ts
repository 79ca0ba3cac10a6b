import type { CaptionMessage, CaptionView } from '../../api/desktop-state.ts'

/** More than anybody scrolls back; the caption file has all. */
export const SHOWN_CAPTIONS_MAX = 2000

export interface ShownCaptions {
  /** Oldest first, at most `SHOWN_CAPTIONS_MAX`. */
  readonly finals: readonly CaptionView[]
  readonly interim: Interim
}

/** What is being said now; empty where nothing is. */
export interface Interim {
  readonly text: string
  /** Its first characters that will not change any more. */
  readonly settledChars: number
}

const NO_INTERIM: Interim = { text: '', settledChars: 0 }
export const NO_CAPTIONS: ShownCaptions = { finals: [], interim: NO_INTERIM }

/** What is shown after a message. A final takes the place of the interim text. */
export function addCaptionMessage(shown: ShownCaptions, message: CaptionMessage): ShownCaptions {
  switch (message.type) {
    case 'snapshot':
      return {
        finals: message.captions.slice(-SHOWN_CAPTIONS_MAX),
        interim: { text: message.interim, settledChars: message.settledChars ?? 0 },
      }
    case 'final':
      return {
        finals: [...shown.finals.slice(1 - SHOWN_CAPTIONS_MAX), message.caption],
        interim: NO_INTERIM,
      }
    case 'interim':
      return {
        finals: shown.finals,
        interim: { text: message.text, settledChars: message.settledChars ?? 0 },
      }
  }
}
