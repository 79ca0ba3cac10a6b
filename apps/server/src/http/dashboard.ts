import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'

/** The built dashboard's files. */
export interface Dashboard {
  /** @returns false where this is none of the dashboard's: nothing has been sent */
  serve(req: IncomingMessage, res: ServerResponse, path: string): boolean
}

/** Pages that the one index.html draws. Any other path is a file, or not here. */
const PAGES = new Set([
  '/',
  '/login',
  '/register',
  '/dashboard',
  '/account',
  '/billing/success',
  '/billing/cancel',
])

/** The page loads nothing from any other host, and runs no script but its own files. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const FOREVER = 'public, max-age=31536000, immutable'

/**
 * @param folder what `vite build` wrote, as it is at this moment: only files that are in it now are
 * ever served, whatever a path says. Without it, the pages lead to /docs.
 */
export function createDashboard(folder: string | undefined): Dashboard {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return withoutBuild
  const serveFile = sirv(folder, { etag: true })
  return {
    serve(req, res, path) {
      if (PAGES.has(path)) req.url = '/'
      // Before sirv, whose own hook leaves out "304 Not Modified": its headers replace those of the
      // browser's copy, and a stricter policy would leave a page without its scripts.
      const ours = {
        // The names of assets change with their content.
        'cache-control': path.startsWith('/assets/') ? FOREVER : 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
      }
      const theirs = Object.keys(ours).map((name) => [name, res.getHeader(name)] as const)
      for (const [name, value] of Object.entries(ours)) res.setHeader(name, value)
      let isServed = true
      serveFile(req, res, () => {
        isServed = false
        for (const [name, value] of theirs) {
          if (value === undefined) res.removeHeader(name)
          else res.setHeader(name, value)
        }
      })
      return isServed
    },
  }
}

const withoutBuild: Dashboard = {
  serve(_, res, path) {
    if (!PAGES.has(path)) return false
    res.writeHead(302, { location: '/docs' }).end()
    return true
  },
}
