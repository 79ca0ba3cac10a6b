import { useEffect, useReducer, useState } from 'react'
import type { CaptionState } from './captions.ts'
import { OverlayRow } from './overlay-row.tsx'
import type { OverlayStyle } from './style.ts'
import type { RowLimits } from './visible-rows.ts'
import { visibleRows } from './visible-rows.ts'

export interface OverlayProps {
  readonly captions: CaptionState
  readonly style: OverlayStyle
  /** The clock of the captions' times, ms. */
  readonly now: () => number
  /** Those of the style where they are left out; custom CSS may have others. */
  readonly limits?: RowLimits
}

/**
 * What viewers see. Draws over the whole page (or the nearest box that contains fixed elements); the
 * page supplies overlay.css and, by `lookCss`, the style's variables. It remembers what has faded:
 * captions on another clock need another `key`.
 */
export function Overlay({ captions, style, now, limits = style }: OverlayProps) {
  const [fadedMs, setFadedMs] = useState(-Infinity)
  const view = visibleRows(captions, limits, now(), fadedMs)
  const { rows, isFading, changesAtMs } = view
  if (view.fadedMs !== fadedMs) setFadedMs(view.fadedMs)
  useWake(changesAtMs, now)
  return (
    <div id="stage">
      {/* What language is spoken is not known here, so none is claimed. */}
      <div id="captions" lang="" className={isFading ? 'quiet' : ''}>
        {rows.map(({ id, text, settledChars, isInterim, startMs }) => (
          <OverlayRow
            key={id}
            text={text}
            isInterim={isInterim}
            settledChars={isInterim ? settledChars : 0}
            direction={style.direction}
            animation={style.animation}
            startMs={style.timestamps ? startMs : undefined}
          />
        ))}
      </div>
    </div>
  )
}

/** Renders anew at a time on the clock of `now`. */
function useWake(atMs: number | undefined, now: () => number): void {
  const [, wake] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (atMs === undefined) return undefined
    let timer: ReturnType<typeof setTimeout>
    const wait = (untilMs: number) => {
      // A timer may go off within the millisecond before.
      const ring = () => (now() < untilMs ? wait(untilMs) : wake())
      timer = setTimeout(ring, Math.max(1, Math.ceil(untilMs - now())))
    }
    wait(atMs)
    return () => clearTimeout(timer)
  }, [atMs, now])
}
