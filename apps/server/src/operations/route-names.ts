import type { IncomingMessage } from 'node:http'

/** The route of a request: one of a known few, whatever people ask for. */
export type RouteOf = (req: Pick<IncomingMessage, 'url' | 'method'>) => string

/**
 * @param paths as OpenAPI writes them: `/account/devices/{id}`
 * @param prefixes whose paths all count as one
 * @returns of other paths `page` for those that are read, for they may be the dashboard's; else `unknown`
 */
export function createRouteNames(paths: readonly string[], prefixes: readonly string[]): RouteOf {
  const exact = new Set(paths.filter((path) => !path.includes('{')))
  const patterns = paths
    .filter((path) => path.includes('{'))
    .map((path) => ({ path, pattern: patternOf(path) }))
  return ({ url = '/', method }) => {
    const path = url.split('?', 1)[0] ?? '/'
    if (exact.has(path)) return path
    const prefix = prefixes.find((one) => path === one || path.startsWith(`${one}/`))
    if (prefix !== undefined) return prefix
    const match = patterns.find(({ pattern }) => pattern.test(path))
    if (match) return match.path
    return method === 'GET' || method === 'HEAD' ? 'page' : 'unknown'
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => {
    return part.startsWith('{') ? '[^/]+' : part.replaceAll(/[^\w-]/g, String.raw`\$&`)
  })
  return new RegExp(`^${parts.join('/')}$`)
}
