import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OverlayError } from './overlay-error.ts'

export interface Listening {
  readonly port: number
  /** Ends every connection at once and frees the port. */
  close(): Promise<void>
}

/**
 * Starts an HTTP server on this port of 127.0.0.1; 0 takes any free one.
 * @throws OverlayError `port_taken` or `port_refused`
 */
export async function listen(create: () => Server, wantedPort: number): Promise<Listening> {
  const server = create()
  try {
    server.listen(wantedPort, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    throw listenError(error, wantedPort)
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function listenError(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  const remedy = 'choose another for the overlay, for example 8090.'
  if (code === 'EADDRINUSE') {
    return new OverlayError('port_taken', `Port ${port} is taken: ${remedy}`, error)
  }
  if (code === 'EACCES') {
    return new OverlayError('port_refused', `Port ${port} is not allowed here: ${remedy}`, error)
  }
  if (code === 'ERR_SOCKET_BAD_PORT') {
    return new OverlayError('port_refused', `Port ${port} does not exist: ${remedy}`, error)
  }
  return new OverlayError('port_refused', `Port ${port} cannot be had: ${remedy}`, error)
}
