import { createContext, useContext } from 'react'
import type { Outputs } from '../api/trpc.ts'

export type Credits = Outputs['billing']['balance']

/** A session that runs now; `usedMs` is the audio charged so far. */
export interface LiveSession {
  readonly sessionId: string
  readonly backend: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly usedMs: number
  /** Its app was cut off, and may come back. */
  readonly isInterrupted: boolean
}

export interface Live {
  /** Undefined until the server has said it. */
  readonly credits: Credits | undefined
  /** Undefined until the server has said it. */
  readonly sessions: readonly LiveSession[] | undefined
  /** Whether what is shown is current. */
  readonly isConnected: boolean
}

export const LiveContext = createContext<Live | undefined>(undefined)

/** What moves while the page is open. */
export function useLive(): Live {
  const live = useContext(LiveContext)
  if (!live) throw new Error('useLive outside of LiveProvider')
  return live
}
