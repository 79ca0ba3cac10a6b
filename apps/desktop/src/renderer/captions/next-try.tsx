import { useEffect, useState } from 'react'

/** When the chosen engine is tried again. Nothing to announce: it changes each second. */
export function NextTry({ atMs }: { readonly atMs: number }) {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((atMs - nowMs) / 1000))
  return (
    <span className="number" role="timer" aria-live="off">
      {seconds === 0 ? ' It is tried again now.' : ` It is tried again in ${seconds} s.`}
    </span>
  )
}
