import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Whether this request may be answered: programs that are no browser send no Origin; a browser's
 * page must be of this very origin or on the list. Nothing is reflected unchecked.
 */
export function isOriginAllowed(req: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = req.headers
  if (origin === undefined || allowedOrigins.includes(origin)) return true
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host
}

/** Lets the page at an allowed origin read the answer. */
export function setCorsHeaders(req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('vary', 'origin')
  if (req.headers.origin === undefined) return
  res.setHeader('access-control-allow-origin', req.headers.origin)
  if (req.method !== 'OPTIONS') return
  res.setHeader('access-control-allow-methods', 'GET, POST')
  res.setHeader('access-control-allow-headers', 'authorization, content-type')
  res.setHeader('access-control-max-age', '600')
}
