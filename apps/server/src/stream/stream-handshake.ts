import type { AuthMessage } from '@saywire/protocol'
import { CLOSE_AUTH_TIMEOUT } from '@saywire/protocol'
import { parseClientMessage } from './client-message.ts'
import type { StreamSocket } from './stream-socket.ts'

/**
 * Waits for the first message, which must be `auth`; later messages wait in the socket. Anything
 * else is answered and the socket is closed; then the result is undefined.
 */
export async function awaitAuth(
  client: StreamSocket,
  authTimeoutMs: number,
): Promise<AuthMessage | undefined> {
  return new Promise((resolve) => {
    const finish = (auth: AuthMessage | undefined) => {
      clearTimeout(timer)
      client.receive(undefined)
      resolve(auth)
    }
    const timer = setTimeout(() => {
      finish(undefined)
      const message = `No auth message came within ${authTimeoutMs / 1000} seconds.`
      client.send({ type: 'error', code: 'unauthenticated', message })
      client.onFail?.('auth_timeout')
      client.close(CLOSE_AUTH_TIMEOUT, 'auth timeout')
    }, authTimeoutMs)
    client.onClose(() => finish(undefined))
    client.receive((data, isBinary) => {
      const parsed = isBinary ? undefined : parseClientMessage(data)
      if (parsed?.ok && parsed.message.type === 'auth') return finish(parsed.message)
      finish(undefined)
      const problem = parsed && !parsed.ok ? parsed.problem : 'The first message must be auth.'
      client.fail('bad_message', problem)
    })
  })
}
