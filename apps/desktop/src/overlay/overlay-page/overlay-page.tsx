import { Overlay } from '@saywire/overlay/react'
import { useLayoutEffect } from 'react'
import type { RowLimits } from '@saywire/overlay'
import type { News } from './subscribe.ts'

export interface OverlayPageProps extends News {
  readonly limits: RowLimits
  /** The event's words are in the document, to be painted with the next frame. */
  readonly onCommit: (eventId: string) => void
}

/** The overlay, and a word to the paint reporter when it shows something new. */
export function OverlayPage(props: OverlayPageProps) {
  const { style, captions, limits, runId, eventId, now, onCommit } = props
  useLayoutEffect(() => {
    if (eventId !== undefined) onCommit(eventId)
  }, [eventId, onCommit])
  // Another run has other captions and another clock: nothing is kept.
  return <Overlay key={runId} captions={captions} style={style} limits={limits} now={now} />
}
