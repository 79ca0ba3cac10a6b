import { useRef, useState } from 'react'
import { useDesktopState, useLevel } from '../api/hooks.ts'
import { LevelMeter } from './level-meter.tsx'

/** Quieter than this is no voice, dBFS. */
const SILENT_DBFS = -55
const LOUD_DBFS = -3
const SILENT_AFTER_MS = 4000
const HOLD_MS = 1500

type Verdict = 'waiting' | 'hears' | 'silent' | 'loud'
const WORDS = {
  waiting: 'Say something: the bar should move.',
  hears: 'Good: your voice is heard.',
  silent: 'Nothing is heard. Check that the microphone is not muted, or choose another one.',
  loud: 'Too loud: turn the microphone’s gain down a little.',
} as const

/** The meter, and what it means in words that change seldom. */
export function LevelCheck() {
  const { microphones } = useDesktopState()
  const [verdict, setVerdict] = useState<Verdict>('waiting')
  const quietSince = useRef<number>(undefined)
  const until = useRef(0)
  useLevel(({ rmsDbfs, peakDbfs }) => {
    const nowMs = performance.now()
    const isQuiet = rmsDbfs < SILENT_DBFS
    quietSince.current = isQuiet ? (quietSince.current ?? nowMs) : undefined
    if (peakDbfs > LOUD_DBFS) {
      until.current = nowMs + HOLD_MS
      setVerdict('loud')
    } else if (!isQuiet && nowMs > until.current) {
      setVerdict('hears')
    } else if (isQuiet && nowMs - (quietSince.current ?? nowMs) > SILENT_AFTER_MS) {
      setVerdict('silent')
    }
  })
  return (
    <div className="level-check">
      <LevelMeter />
      <p data-verdict={verdict} role="status">
        {microphones.length > 0 && WORDS[verdict]}
      </p>
    </div>
  )
}
