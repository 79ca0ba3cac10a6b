import { useRef, useState } from 'react'
import { useLevel } from '../api/hooks.ts'

/** Louder than a room, dBFS. */
const SPEECH_DBFS = -42
/** A word, not a click. */
const BEGINS_AFTER_MS = 250
/** A pause between sentences does not end it. */
const ENDS_AFTER_MS = 1500

/** Whether somebody has been speaking into the microphone for a moment. Changes seldom. */
export function useIsTalking(): boolean {
  const [isTalking, setTalking] = useState(false)
  const since = useRef<number>(undefined)
  const last = useRef(0)
  useLevel(({ rmsDbfs }) => {
    const nowMs = performance.now()
    if (rmsDbfs > SPEECH_DBFS) {
      since.current ??= nowMs
      last.current = nowMs
    } else if (nowMs - last.current > ENDS_AFTER_MS) {
      since.current = undefined
    }
    setTalking(since.current !== undefined && nowMs - since.current > BEGINS_AFTER_MS)
  })
  return isTalking
}
