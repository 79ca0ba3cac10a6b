import { memo } from 'react'
import { elapsedTime } from './elapsed-time.ts'
import type { OverlayStyle } from './style.ts'

export interface OverlayRowProps {
  readonly text: string
  readonly isInterim: boolean
  readonly direction: OverlayStyle['direction']
  readonly animation: OverlayStyle['animation']
  /** On the capture clock, ms; undefined where no time is shown. */
  readonly startMs: number | undefined
}

/** One caption. Words come from a microphone and a model: they are text nodes, never HTML. */
export const OverlayRow = memo(function OverlayRow(props: OverlayRowProps) {
  const { text, isInterim, direction, animation, startMs } = props
  const names = ['line']
  if (isInterim) names.push('interim')
  if (animation === 'fade' || animation === 'slide' || animation === 'pop') {
    names.push(`animate-${animation}`)
  }
  return (
    <div className="row" dir={direction}>
      <span className={names.join(' ')}>
        {startMs === undefined ? null : <span className="time">{elapsedTime(startMs)}</span>}
        {animation === 'words' ? <Words text={text} /> : text}
      </span>
    </div>
  )
})

/** Each word in an element of its own, so that only those that are new come in. */
function Words({ text }: { readonly text: string }) {
  return text.split(/(?<=\s)(?=\S)/u).map((word, place) => {
    // A word's place is what it is: a better guess changes it where it stands.
    // oxlint-disable-next-line react/no-array-index-key
    const key = place
    return (
      <span className="word" key={key}>
        {word}
      </span>
    )
  })
}
