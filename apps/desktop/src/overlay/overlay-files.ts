import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentTypeOf } from '../content-type.ts'
import { OverlayError } from './overlay-error.ts'

/** A file of the overlay page, as it is served. */
export interface OverlayFile {
  readonly contentType: string
  readonly body: Buffer
}

/**
 * The built page's files by path (`/index.html`, `/assets/…`), read once: no request ever names a
 * file on the disk.
 * @throws OverlayError `page_missing`
 */
export async function readOverlayFiles(folder: string): Promise<ReadonlyMap<string, OverlayFile>> {
  try {
    const assets = await readdir(join(folder, 'assets'))
    const names = ['index.html', ...assets.map((name) => `assets/${name}`)]
    const files = names.map(async (name) => {
      const contentType = contentTypeOf(name)
      return contentType === undefined
        ? []
        : [[`/${name}`, { contentType, body: await readFile(join(folder, name)) }] as const]
    })
    return new Map((await Promise.all(files)).flat())
  } catch (error) {
    const sentence = 'The overlay page is missing: run `npm run setup`, which builds it.'
    throw new OverlayError('page_missing', sentence, error)
  }
}
