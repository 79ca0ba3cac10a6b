import type { CaptionState, OverlayStyle } from '@saywire/overlay'
import type { StreamMessage } from '../overlay-messages.ts'

/** Wait before connecting anew, ms. */
const RECONNECT_MS = 1000

/** What a page shows. */
export interface News {
  readonly style: OverlayStyle
  readonly captions: CaptionState
  /** Of the server's run that the captions are from. */
  readonly runId: string
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
  let runId = ''
  let eventId: string | undefined
  let aheadMs = 0
  const now = () => performance.now() + aheadMs

  connect()

  function connect(): void {
    const socket = new WebSocket(streamUrl())
    let isCatchingUp = true
    socket.addEventListener('open', () => listener.onOpen())
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as StreamMessage
      if (message.type === 'look') {
        style = message.style
        listener.onLook(style)
      } else {
        aheadMs = message.nowMs - performance.now()
        ;({ captions, runId } = message)
        eventId = isCatchingUp ? undefined : message.eventId
        isCatchingUp = false
      }
      change()
    })
    socket.addEventListener('close', () => {
      setTimeout(connect, RECONNECT_MS)
      // Nobody says any more when these words are over, so that they may not stay.
      captions &&= { ...captions, ended: true }
      change()
    })
  }

  function change(): void {
    if (style && captions) listener.onChange({ style, captions, runId, eventId, now })
  }
}

/** `/o/<name>` shows the overlay of that name, any other page the first. */
function streamUrl(): string {
  const name = /^\/o\/([^/]+)$/.exec(location.pathname)?.[1]
  return `ws://${location.host}/captions${name === undefined ? '' : `?overlay=${name}`}`
}
