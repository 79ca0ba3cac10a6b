import type { IncomingMessage } from 'node:http'

/** TRACE and the like cannot even be said to the libraries that answer. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const BASE = new URL('http://localhost')

/**
 * Why this request can be for nothing here: its method, an address of which no URL can be made, or
 * that is of another host, or a parameter by the name of something that every object has, which
 * would be taken for a value. Undefined where nothing is wrong.
 */
export function findWrongTarget({ method = '', url = '' }: IncomingMessage): string | undefined {
  if (!METHODS.has(method)) return `The method ${method} is not served.`
  if (!url.startsWith('/') || !URL.canParse(url, BASE.href)) return NO_PATH
  const { host, searchParams } = new URL(url, BASE)
  if (host !== BASE.host) return NO_PATH
  const odd = [...searchParams.keys()].find((name) => name in Object.prototype)
  return odd === undefined ? undefined : `There is no parameter ${odd}.`
}

const NO_PATH = 'The address must be a path of this server, such as /health.'
