import type { CaptionState, OverlayStyle } from '@saywire/overlay'
import type { CaptionsMessage, LookMessage } from '../overlay-messages.ts'

/** Wait before connecting anew where the browser has given up, ms. */
const RECONNECT_MS = 2000

/** What a page shows. */
export interface News {
  readonly style: OverlayStyle
  readonly captions: CaptionState
  /** The captions' event; undefined for what had been there when the page connected. */
  readonly eventId: string | undefined
  /** The server's clock as far as the events tell, ms. */
  readonly now: () => number
}

export interface NewsListener {
  onOpen(): void
  /** Before the first `onChange`, and before the one that it belongs to. */
  onLook(style: OverlayStyle): void
  onChange(news: News): void
}

/** Follows the captions and the look of the overlay that the page's address names, for good. */
export function subscribe(listener: NewsListener): void {
  let style: OverlayStyle | undefined
  let captions: CaptionState | undefined
  let eventId: string | undefined
  let aheadMs = 0
  const now = () => performance.now() + aheadMs

  connect()

  function connect(): void {
    const source = new EventSource(streamPath())
    let isCatchingUp = true
    source.addEventListener('open', () => {
      isCatchingUp = true
      listener.onOpen()
    })
    source.addEventListener('look', ({ data }: MessageEvent<string>) => {
      ;({ style } = JSON.parse(data) as LookMessage)
      listener.onLook(style)
      change()
    })
    source.addEventListener('captions', ({ data, lastEventId }: MessageEvent<string>) => {
      const message = JSON.parse(data) as CaptionsMessage
      aheadMs = message.nowMs - performance.now()
      captions = message.captions
      eventId = isCatchingUp ? undefined : lastEventId
      isCatchingUp = false
      change()
    })
    // A lost connection the browser restores by itself; an answer that is no event stream, as of
    // another program on this port for a while, it takes for final.
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS)
    })
  }

  function change(): void {
    if (style && captions) listener.onChange({ style, captions, eventId, now })
  }
}

/** `/o/<name>` shows the overlay of that name, any other page the first. */
function streamPath(): string {
  const name = /^\/o\/([^/]+)$/.exec(location.pathname)?.[1]
  return name === undefined ? '/captions' : `/captions?overlay=${name}`
}
