import { useEffect, useState } from 'react'

/** A hiccup shorter than this is not worth a word. */
const PATIENCE_MS = 1500

interface ConnectionBannerProps {
  readonly isConnected: boolean
  /** The server ended the updates; nothing tries again by itself. */
  readonly hasFailed: boolean
  readonly reconnect: () => void
}

/** Says when the figures on the page have stopped moving, and why. */
export function ConnectionBanner({ isConnected, hasFailed, reconnect }: ConnectionBannerProps) {
  return (
    <div className="connection-banner" role="status">
      {!isConnected && <Interruption hasFailed={hasFailed} reconnect={reconnect} />}
    </div>
  )
}

function Interruption({ hasFailed, reconnect }: Omit<ConnectionBannerProps, 'isConnected'>) {
  const [isLong, setIsLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isLong) return null
  if (!hasFailed) {
    return <p>Live updates are interrupted. Reconnecting; the figures may be a little old.</p>
  }
  return (
    <p>
      Live updates have stopped.{' '}
      <button type="button" className="button quiet" onClick={reconnect}>
        Connect again
      </button>
    </p>
  )
}
