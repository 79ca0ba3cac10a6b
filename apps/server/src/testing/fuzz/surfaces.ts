import { authSurface, configSurface } from './auth-surface.ts'
import { restSurface } from './rest-surface.ts'
import { sessionSurface } from './session-surface.ts'
import { stripeSurface } from './stripe-surface.ts'
import type { Surface } from './surface.ts'
import { trpcHttpSurface } from './trpc-http-surface.ts'
import { trpcSocketSurface } from './trpc-socket-surface.ts'

/** Every place at which strangers' bytes come into the server. */
export const surfaces: readonly Surface[] = [
  authSurface,
  configSurface,
  sessionSurface,
  restSurface,
  trpcHttpSurface,
  trpcSocketSurface,
  stripeSurface,
]
