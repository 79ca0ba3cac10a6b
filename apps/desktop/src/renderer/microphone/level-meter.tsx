import { useRef } from 'react'
import { useLevel } from '../api/hooks.ts'

/** Below this it is drawn as silence, dBFS. */
const FLOOR_DBFS = -60

const share = (dbfs: number): string => Math.min(1, Math.max(0, 1 - dbfs / FLOOR_DBFS)).toFixed(3)

/**
 * How loud it is now. Written past React, twenty times a second; a picture beside words that say
 * the same, so nothing to announce.
 */
export function LevelMeter() {
  const meter = useRef<HTMLDivElement>(null)
  useLevel(({ rmsDbfs, peakDbfs }) => {
    const style = meter.current?.style
    style?.setProperty('--level', share(rmsDbfs))
    style?.setProperty('--peak', share(peakDbfs))
  })
  return (
    <div ref={meter} className="level-meter" aria-hidden="true">
      <div className="level-bar" />
      <div className="level-peak" />
    </div>
  )
}
