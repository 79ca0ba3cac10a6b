import { useEffect, useState } from 'react'
import { formatClock } from '../format/duration.ts'

/** How long it has run. Nothing to announce: it changes each second. */
export function SessionClock({ startedAtMs }: { readonly startedAtMs: number }) {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span className="state-clock" aria-label="Running for" role="timer" aria-live="off">
      {formatClock(nowMs - startedAtMs)}
    </span>
  )
}
