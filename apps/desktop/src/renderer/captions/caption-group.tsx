import { memo } from 'react'
import type { CaptionView } from '../../api/desktop-state.ts'
import { CaptionRow } from './caption-row.tsx'

/** Captions that the browser skips together while they are out of sight. */
const GROUP_IDS = 50

interface CaptionGroupProps {
  readonly captions: readonly CaptionView[]
  /** Lower case; marked where it is found. */
  readonly search: string
}

/** Some captions in a row. Rendered anew only when one was added or dropped. */
export const CaptionGroup = memo(
  function CaptionGroup({ captions, search }: CaptionGroupProps) {
    return (
      <div className="caption-group">
        {captions.map((caption) => (
          <CaptionRow key={caption.id} caption={caption} search={search} />
        ))}
      </div>
    )
  },
  (a, b) =>
    a.search === b.search &&
    a.captions.length === b.captions.length &&
    a.captions[0] === b.captions[0] &&
    a.captions.at(-1) === b.captions.at(-1),
)

/** By their ids, so that a group stays the same one when older captions are dropped. */
export function groupCaptions(
  captions: readonly CaptionView[],
): Map<number, readonly CaptionView[]> {
  const groups = new Map<number, CaptionView[]>()
  for (const caption of captions) {
    const key = Math.floor(caption.id / GROUP_IDS)
    const group = groups.get(key)
    if (group) group.push(caption)
    else groups.set(key, [caption])
  }
  return groups
}
