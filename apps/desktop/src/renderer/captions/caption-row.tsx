import { memo } from 'react'
import type { CaptionView } from '../../api/desktop-state.ts'
import { formatClock } from '../format/duration.ts'

interface CaptionRowProps {
  readonly caption: CaptionView
  /** Lower case; marked where it is found. */
  readonly search: string
}

/** One caption. It never changes, so that thousands of them cost nothing when one is added. */
export const CaptionRow = memo(function CaptionRow({ caption, search }: CaptionRowProps) {
  return (
    <p className="caption-row">
      <time className="number">{formatClock(caption.startMs)}</time>
      <span dir="auto">
        <Marked text={caption.text} search={search} />
        {caption.isFallback && <span className="chip">local engine</span>}
      </span>
    </p>
  )
})

function Marked({ text, search }: { readonly text: string; readonly search: string }) {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search)
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </>
  )
}
