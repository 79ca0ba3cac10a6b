import { readFile } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import { protocol } from 'electron'
import { contentTypeOf } from '../content-type.ts'
import type { FontStore } from '../overlay/font-store.ts'

export const APP_ORIGIN = 'app://saywire'
export const APP_PAGE = `${APP_ORIGIN}/index.html`

/** No remote content: the page is made of its own files, and talks by IPC. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }])
}

/** Serves the files of `folder`, the user's fonts at /fonts/<id>, and nothing else, at app://saywire/. */
export function serveAppFiles(folder: string, readFont: FontStore['read']): void {
  protocol.handle('app', async ({ method, url }) => {
    if (method !== 'GET') return refuse(405)
    const font = await fontFor(url, readFont)
    if (font)
      return new Response(new Uint8Array(font.body), { headers: headersFor(font.contentType) })
    const path = fileFor(folder, url)
    const type = path && contentTypeOf(path)
    if (!path || !type) return refuse(404)
    try {
      // Not net.fetch('file:'): the packaged app may not load files, and reads its archive by fs.
      const body = new Uint8Array(await readFile(path))
      return new Response(body, { headers: headersFor(type) })
    } catch {
      return refuse(404)
    }
  })
}

async function fontFor(url: string, readFont: FontStore['read']): ReturnType<FontStore['read']> {
  const [, id] = /^app:\/\/saywire\/fonts\/([0-9a-f]+)$/.exec(url) ?? []
  return id === undefined ? undefined : readFont(id)
}

/** Undefined for another host, and for whatever leads out of the folder or is no path. */
function fileFor(folder: string, url: string): string | undefined {
  const { host, pathname } = new URL(url)
  const name = decode(pathname)
  if (`app://${host}` !== APP_ORIGIN || name === undefined) return undefined
  const path = normalize(join(folder, name))
  return path.startsWith(folder + sep) ? path : undefined
}

/** Its result must be used: a bundler takes a call for it alone for one without effect, and away. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: headersFor('text/plain') })
}

function headersFor(type: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  }
}
