import { useDesktopState, useSettings } from '../api/hooks.ts'
import { useIsTalking } from '../microphone/use-is-talking.ts'

/** How to talk where a key is held for it, and that somebody talks into a muted microphone. */
export function MutedSentence({ sentence }: { readonly sentence: string }) {
  const isTalking = useIsTalking()
  const key = useSettings().hotkeys.pushToTalk.replaceAll('+', ' + ')
  const isPushToTalk = useDesktopState().hotkeys.pushToTalk.status === 'active'
  const shown = isTalking ? 'You are talking while muted: nobody sees captions of it.' : sentence
  return (
    <p className="state-sentence" data-urgent={isTalking} role="status">
      {isPushToTalk ? `${shown} Hold ${key} to talk.` : shown}
    </p>
  )
}
