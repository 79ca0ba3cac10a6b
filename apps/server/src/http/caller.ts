import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../api/context.ts'
import type { ReadClientAddress } from './client-address.ts'
import { readSessionCookie, writeSessionCookie } from './session-cookie.ts'

/**
 * What a request tells about who is calling.
 * @param res where the answer may set the session cookie
 */
export type ReadCaller = (req: IncomingMessage, res?: ServerResponse) => Caller

/** Anything else that a header may hold is no name that a proxy gives. */
const REQUEST_ID = /^[\w.:-]{1,100}$/

export function createCallerReader(readAddress: ReadClientAddress): ReadCaller {
  return (req, res) => {
    const { group, isSecure } = readAddress(req)
    const { authorization, cookie, 'x-csrf-token': csrfToken } = req.headers
    const requestId = req.headers['x-request-id']
    const idempotencyKey = req.headers['idempotency-key']
    // The head of a streamed answer has left before the call is made.
    const isStreamed = req.headers['trpc-accept'] !== undefined
    return {
      address: group,
      token: /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1],
      cookie: readSessionCookie(cookie, isSecure),
      csrfToken: typeof csrfToken === 'string' ? csrfToken : undefined,
      idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
      userAgent: req.headers['user-agent'],
      requestId:
        typeof requestId === 'string' && REQUEST_ID.test(requestId) ? requestId : undefined,
      setCookie:
        res && !isStreamed
          ? (token) => res.setHeader('set-cookie', writeSessionCookie(token, isSecure))
          : undefined,
    }
  }
}
