import { readFile } from 'node:fs/promises'

/** A file of the overlay page, as it is served. */
export interface OverlayFile {
  readonly contentType: string
  readonly body: Buffer
}

const FILES = {
  '/': ['overlay.html', 'text/html; charset=utf-8'],
  '/overlay.css': ['overlay.css', 'text/css; charset=utf-8'],
  '/overlay.js': ['overlay.js', 'text/javascript; charset=utf-8'],
} as const

/** The page's files by request path, read once: no request ever names a file on the disk. */
export async function readOverlayFiles(): Promise<ReadonlyMap<string, OverlayFile>> {
  const files = Object.entries(FILES).map(async ([path, [name, contentType]]) => {
    const body = await readFile(new URL(`./overlay-page/${name}`, import.meta.url))
    return [path, { contentType, body }] as const
  })
  return new Map(await Promise.all(files))
}
