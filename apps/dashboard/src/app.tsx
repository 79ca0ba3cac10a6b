import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { createApi } from './api/create-api.ts'
import { TRPCProvider } from './api/trpc.ts'
import { Shell } from './layout/shell.tsx'
import { Routes } from './routing/routes.tsx'
import { leaveForLogin } from './session/session-ended.ts'

/** The dashboard, put together. */
export function App() {
  const [{ client, queryClient }] = useState(() => createApi(leaveForLogin))
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        <Shell>
          <Routes />
        </Shell>
      </TRPCProvider>
    </QueryClientProvider>
  )
}
