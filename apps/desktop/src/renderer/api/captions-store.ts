import type { CaptionMessage, CaptionView } from '../../api/desktop-state.ts'

/** More than anybody scrolls back; the caption file has all. */
export const SHOWN_CAPTIONS_MAX = 2000

export interface ShownCaptions {
  /** Oldest first, at most `SHOWN_CAPTIONS_MAX`. */
  readonly finals: readonly CaptionView[]
  readonly interim: string
}

export const NO_CAPTIONS: ShownCaptions = { finals: [], interim: '' }

/** What is shown after a message. A final takes the place of the interim text. */
export function addCaptionMessage(shown: ShownCaptions, message: CaptionMessage): ShownCaptions {
  switch (message.type) {
    case 'snapshot':
      return { finals: message.captions.slice(-SHOWN_CAPTIONS_MAX), interim: message.interim }
    case 'final':
      return {
        finals: [...shown.finals.slice(1 - SHOWN_CAPTIONS_MAX), message.caption],
        interim: '',
      }
    case 'interim':
      return { finals: shown.finals, interim: message.text }
  }
}
