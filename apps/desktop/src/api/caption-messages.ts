import type { CaptionMessage } from './desktop-state.ts'
import type { CaptionsService } from './desktop-services.ts'

/** Finals that may wait for a slow window before it is given everything anew instead. */
const WAITING_MAX = 500

/**
 * What a window shows, then every change in order. Interims replace each other while the window is
 * busy; finals are never skipped. Ends with `signal`.
 */
export async function* captionMessages(
  captions: Pick<CaptionsService, 'snapshot' | 'onMessage'>,
  signal: AbortSignal,
): AsyncGenerator<CaptionMessage, void, void> {
  let waiting: CaptionMessage[] = [captions.snapshot()]
  let wake: (() => void) | undefined
  const abort = () => wake?.()
  const unsubscribe = captions.onMessage((message) => {
    if (message.type === 'snapshot') waiting = []
    if (waiting.at(-1)?.type === 'interim') waiting.pop()
    waiting.push(message)
    if (waiting.length > WAITING_MAX) waiting = [captions.snapshot()]
    wake?.()
  })
  signal.addEventListener('abort', abort)
  try {
    while (!signal.aborted) {
      const message = waiting.shift()
      if (message) yield message
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    signal.removeEventListener('abort', abort)
    unsubscribe()
  }
}
