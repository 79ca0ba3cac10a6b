import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'

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

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

interface File {
  readonly content: Buffer
  readonly headers: Readonly<Record<string, string | number>>
  readonly etag: string
}

/**
 * Serves from memory: no path leads to any other file, and a build that runs meanwhile neither
 * mixes two versions nor takes a file away that is being sent.
 * @param folder what `vite build` wrote, as it is at this moment. Without it, the pages lead to /docs.
 */
export function createDashboard(folder: string | undefined): Dashboard {
  const files = folder === undefined ? new Map<string, File>() : readFiles(folder)
  const index = files.get('/index.html')
  if (!index) return withoutBuild
  return {
    serve(req, res, path) {
      const file = PAGES.has(path) ? index : files.get(path)
      if (!file) return false
      // With "304 Not Modified", too: its headers replace those of the browser's copy, and the API's
      // stricter policy would leave a page without its scripts.
      for (const [name, value] of Object.entries(file.headers)) res.setHeader(name, value)
      if (req.headers['if-none-match']?.includes(file.etag)) {
        res.removeHeader('content-length')
        res.writeHead(304).end()
      } else res.writeHead(200).end(file.content)
      return true
    },
  }
}

/** @returns by path; none where there is no such folder. Hidden files stay out. */
function readFiles(folder: string): Map<string, File> {
  const paths = readFolder(folder)
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep))
    .filter((steps) => !steps.some((step) => step.startsWith('.')))
  return new Map(
    paths.map((steps) => {
      const path = `/${steps.join('/')}`
      return [path, toFile(path, readFileSync(join(folder, ...steps)))]
    }),
  )
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function toFile(path: string, content: Buffer): File {
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`
  const headers = {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': content.byteLength,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    // The names of assets change with their content.
    'cache-control': path.startsWith('/assets/') ? FOREVER : 'no-cache',
    etag,
  }
  return { content, etag, headers }
}

const withoutBuild: Dashboard = {
  serve(_, res, path) {
    if (!PAGES.has(path)) return false
    res.writeHead(302, { location: '/docs' }).end()
    return true
  },
}
