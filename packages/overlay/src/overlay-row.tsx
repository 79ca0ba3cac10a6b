import { memo } from 'react'
import { elapsedTime } from './elapsed-time.ts'
import type { OverlayStyle } from './style.ts'

export interface OverlayRowProps {
  readonly text: string
  readonly isInterim: boolean
  /** Of a guess: its first characters that will not change any more. */
  readonly settledChars: number
  readonly direction: OverlayStyle['direction']
  readonly animation: OverlayStyle['animation']
  /** On the capture clock, ms; undefined where no time is shown. */
  readonly startMs: number | undefined
}

/** One caption. Words come from a microphone and a model: they are text nodes, never HTML. */
export const OverlayRow = memo(function OverlayRow(props: OverlayRowProps) {
  const { text, isInterim, settledChars, direction, animation, startMs } = props
  const names = ['line']
  if (isInterim) names.push('interim')
  if (animation === 'fade' || animation === 'slide' || animation === 'pop') {
    names.push(`animate-${animation}`)
  }
  return (
    <div className="row" dir={direction}>
      <span className={names.join(' ')}>
        {startMs === undefined ? null : <span className="time">{elapsedTime(startMs)}</span>}
        {animation === 'words' ? (
          <Words text={text} settledChars={settledChars} />
        ) : (
          <>
            {settledChars > 0 && <span className="settled">{text.slice(0, settledChars)}</span>}
            {text.slice(settledChars)}
          </>
        )}
      </span>
    </div>
  )
})

/** Each word in an element of its own, so that only those that are new come in. */
function Words({ text, settledChars }: Pick<OverlayRowProps, 'text' | 'settledChars'>) {
  let end = 0
  return text.split(/(?<=\s)(?=\S)/u).map((word, place) => {
    end += word.length
    const isSettled = end - (word.length - word.trimEnd().length) <= settledChars
    // A word's place is what it is: a better guess changes it where it stands.
    // oxlint-disable-next-line react/no-array-index-key
    const key = place
    return (
      <span className={isSettled ? 'word settled' : 'word'} key={key}>
        {word}
      </span>
    )
  })
}
