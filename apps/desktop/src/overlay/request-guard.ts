import type { IncomingMessage } from 'node:http'

/** Why a request is refused, as it is answered. */
export interface Refusal {
  readonly status: 403 | 405 | 415
  /** One sentence for the person who reads it in a browser. */
  readonly message: string
  /** The methods that the path has. */
  readonly allow?: string
}

const NOT_FOR_OTHERS: Refusal = {
  status: 403,
  message: 'Captions are not for other web sites.',
}

/**
 * Says whether a request may be answered by a server that only this machine should use.
 *
 * Listening on the loopback address keeps other machines out, not other web sites: any page the
 * streamer opens can ask the browser for 127.0.0.1. A site that points its own name there (DNS
 * rebinding) is told by `Host`, one that reads across origins by `Origin`. What is posted must also
 * be JSON, which a browser sends across origins only after asking.
 * @param port the port that the server listens on
 * @param postPath the one path that takes a POST
 * @returns undefined where it may
 */
export function refusalOf(
  request: IncomingMessage,
  port: number,
  postPath: string,
): Refusal | undefined {
  const { host = '', origin } = request.headers
  // A browser leaves out the port where it is HTTP's own.
  const ports = port === 80 ? ['', ':80'] : [`:${port}`]
  const hosts = ports.flatMap((suffix) => [`127.0.0.1${suffix}`, `localhost${suffix}`])
  if (!hosts.includes(host.toLowerCase())) {
    return { status: 403, message: `Open the overlay as http://127.0.0.1:${port}/ .` }
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return NOT_FOR_OTHERS
  }
  if (request.url?.split('?', 1)[0] === postPath) {
    if (request.method !== 'POST') return { status: 405, allow: 'POST', message: 'Send a POST.' }
    // A browser names the origin of every POST.
    if (origin === undefined) return NOT_FOR_OTHERS
    if (request.headers['content-type'] === 'application/json') return undefined
    return { status: 415, message: 'Send application/json.' }
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, allow: 'GET, HEAD', message: 'The overlay only answers GET and HEAD.' }
  }
  return undefined
}
