import { createTRPCContext } from '@trpc/tanstack-react-query'
import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@saywire/server/router'

/** The server's procedures as query, mutation and subscription options. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

/** What each procedure answers. */
export type Outputs = inferRouterOutputs<AppRouter>
