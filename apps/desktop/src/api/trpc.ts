import { initTRPC } from '@trpc/server'

const t = initTRPC.create({ isDev: false, sse: { enabled: false } })

export const router = t.router
export const procedure = t.procedure
