import { OBSWebSocketError } from 'obs-websocket-js/json'
import { ObsError } from './obs-error.ts'

/** Close codes of obs-websocket v5 that mean more than "gone". */
const CLOSE_CODES = {
  authenticationFailed: 4009,
  unsupportedRpcVersion: 4010,
  sessionInvalidated: 4011,
} as const

/**
 * What an error of the library means. Its own messages may hold addresses and OBS' words; none of
 * them is passed on.
 */
export function reasonOf(error: unknown): ObsError {
  if (error instanceof ObsError) return error
  if (!(error instanceof OBSWebSocketError)) return new ObsError('not_connected')
  if (/subprotocol|unexpected server response/i.test(error.message)) return new ObsError('not_obs')
  if (error.code >= 4000) return closeReason(error)
  // Request statuses are below 1000, close codes of WebSocket itself above; -1 is a failed socket.
  return error.code > 0 && error.code < 1000
    ? new ObsError('refused', error.code)
    : new ObsError('unreachable')
}

export function closeReason({ code }: OBSWebSocketError): ObsError {
  switch (code) {
    case CLOSE_CODES.authenticationFailed:
      return new ObsError('wrong_password')
    case CLOSE_CODES.unsupportedRpcVersion:
      return new ObsError('too_old')
    case CLOSE_CODES.sessionInvalidated:
      return new ObsError('kicked')
    default:
      return new ObsError('unreachable')
  }
}
