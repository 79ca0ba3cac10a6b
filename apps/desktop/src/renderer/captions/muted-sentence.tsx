import { useIsTalking } from '../microphone/use-is-talking.ts'

/** Says so when somebody talks into a muted microphone. */
export function MutedSentence({ sentence }: { readonly sentence: string }) {
  const isTalking = useIsTalking()
  return (
    <p className="state-sentence" data-urgent={isTalking} role="status">
      {isTalking ? 'You are talking while muted: nobody sees captions of it.' : sentence}
    </p>
  )
}
