import { useSubscription } from '@trpc/tanstack-react-query'
import type { ReactNode } from 'react'
import { useMemo } from 'react'
import { toShownError } from '../api/api-error.ts'
import { useTRPC } from '../api/trpc.ts'
import { leaveForLogin } from '../session/session-ended.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import { LiveContext } from './live-context.ts'

/** Subscribes to the balance and to the running sessions while its children are shown. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const trpc = useTRPC()
  const balance = useSubscription(
    trpc.billing.onBalance.subscriptionOptions(undefined, { onError }),
  )
  const running = useSubscription(trpc.sessions.onLive.subscriptionOptions(undefined, { onError }))
  const isConnected = balance.status === 'pending' && running.status === 'pending'
  const credits = balance.data
  const state = running.data?.data
  const live = useMemo(
    () => ({
      credits,
      isConnected,
      sessions: state?.sessions.map((session) => ({
        sessionId: session.session_id,
        backend: session.backend,
        startedAt: session.started_at,
        usedMs: session.used_ms,
        isInterrupted: session.is_interrupted,
      })),
    }),
    [credits, state, isConnected],
  )
  function reconnect(): void {
    if (balance.status === 'error') balance.reset()
    if (running.status === 'error') running.reset()
  }
  const hasFailed = balance.status === 'error' || running.status === 'error'
  return (
    <LiveContext value={live}>
      <ConnectionBanner isConnected={isConnected} hasFailed={hasFailed} reconnect={reconnect} />
      {children}
    </LiveContext>
  )
}

function onError(error: unknown): void {
  if (toShownError(error).code === 'unauthenticated') leaveForLogin()
}
