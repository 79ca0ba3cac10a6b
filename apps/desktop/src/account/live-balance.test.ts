import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { watchBalance } from './live-balance.ts'

describe('the live balance', () => {
  it('opens no connection once it is stopped, also while a token is being fetched', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    let connections = 0
    server.on('connection', () => connections++)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const watch = (getToken: () => Promise<string>) =>
      watchBalance({
        serverUrl: `http://127.0.0.1:${port}`,
        getToken,
        onBalance: () => undefined,
        onUnreachable: () => undefined,
        onRefused: () => undefined,
      })

    let give: (token: string) => void = () => undefined
    const late = new Promise<string>((resolve) => (give = resolve))
    watch(async () => late)()
    give('a token')
    // A connection that is wanted comes later than one that is not would.
    const stop = watch(async () => 'another token')
    await expect.poll(() => connections, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(connections).toBe(1)
    stop()
    server.close()
  })
})
