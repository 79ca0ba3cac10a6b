import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ApiErrorCode } from '@saywire/protocol'
import type { ApiError } from '../api/api-errors.ts'
import { STATUS_BY_CODE } from '../api/api-errors.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  if (res.headersSent || res.writableEnded) return
  const text = JSON.stringify(body)
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  res.end(text)
}

/** `{error: {code, message, …}}` with the status of its code. */
export function sendError(res: ServerResponse, error: ApiError): void {
  if (res.headersSent || res.writableEnded) return
  const { retry_after_ms: retryAfterMs } = error
  if (retryAfterMs) res.setHeader('retry-after', Math.ceil(retryAfterMs / 1000))
  sendJson(res, STATUS_BY_CODE[error.code].http, { error })
}

/** A peer that does not hang up after a refusal is cut off after this time. */
const REFUSED_MS = 1000

/** What goes with the refusal of an upgrade, wherever it is refused. */
interface UpgradeWatch {
  /** Of the answer, as lines. */
  readonly headers: readonly string[]
  readonly onRefused: (code: ApiErrorCode, status: number) => void
}

const upgrades = new WeakMap<Duplex, UpgradeWatch>()

/** To be called before anybody decides about the upgrade. */
export function watchUpgrade(socket: Duplex, watch: UpgradeWatch): void {
  upgrades.set(socket, watch)
}

/** The same on a socket that has asked for an upgrade, which ends with it. */
export function refuseUpgrade(
  socket: Duplex,
  code: ApiErrorCode,
  message: string,
  retryAfterS?: number,
): void {
  const status = STATUS_BY_CODE[code].http
  const body = JSON.stringify({ error: { code, message } satisfies ApiError })
  const watch = upgrades.get(socket)
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    ...(watch?.headers ?? []),
    ...(retryAfterS === undefined ? [] : [`retry-after: ${retryAfterS}`]),
    '',
    body,
  ]
  socket.end(lines.join('\r\n'))
  watch?.onRefused(code, status)
  setTimeout(() => socket.destroy(), REFUSED_MS).unref()
}
