import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OverlayError } from './overlay-error.ts'

export const FONT_BYTES_MAX = 5 * 1024 * 1024
export const FONTS_MAX = 50

/** What each kind of font file begins with. */
const FORMATS = [
  { extension: 'woff2', magic: Buffer.from('wOF2'), contentType: 'font/woff2' },
  { extension: 'otf', magic: Buffer.from('OTTO'), contentType: 'font/otf' },
  { extension: 'ttf', magic: Buffer.from([0, 1, 0, 0]), contentType: 'font/ttf' },
  { extension: 'ttf', magic: Buffer.from('true'), contentType: 'font/ttf' },
] as const

const FILE_NAME = /^([0-9a-f]{16}) (.{1,60})\.(woff2|otf|ttf)$/u

/** A font that the user brought. */
export interface UploadedFont {
  /** Hash of the file. */
  readonly id: string
  readonly name: string
}

export interface FontStore {
  /** By name. */
  list(): Promise<UploadedFont[]>
  /**
   * Keeps a font file; the same file twice is one font.
   * @param fileName as the user has it; its name without the ending is what the font is called
   * @throws OverlayError `font_refused`
   */
  add(fileName: string, bytes: Uint8Array): Promise<UploadedFont>
  /** Does nothing where there is no such font. */
  remove(id: string): Promise<void>
  read(id: string): Promise<{ contentType: string; body: Buffer } | undefined>
}

/** Fonts as files in a folder, which need not exist: `<id> <name>.<format>`, and nothing else. */
export function createFontStore(folder: string): FontStore {
  async function files(): Promise<(UploadedFont & { file: string })[]> {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return names.flatMap((file) => {
      const [, id, name] = FILE_NAME.exec(file) ?? []
      return id && name ? [{ id, name, file }] : []
    })
  }

  return {
    async list() {
      const fonts = (await files()).map(({ id, name }) => ({ id, name }))
      return fonts.toSorted((a, b) => a.name.localeCompare(b.name))
    },

    async add(fileName, bytes) {
      const format = FORMATS.find(({ magic }) => magic.equals(bytes.subarray(0, magic.length)))
      if (!format) throw refused('This is no font: choose a WOFF2, TTF or OTF file.')
      if (bytes.length > FONT_BYTES_MAX) {
        throw refused('This font is larger than 5 MB: choose a smaller one, such as a WOFF2 file.')
      }
      const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
      const there = await files()
      const known = there.find((font) => font.id === id)
      if (known) return { id, name: known.name }
      if (there.length >= FONTS_MAX) {
        throw refused(`There are ${FONTS_MAX} fonts already: remove one that you do not use.`)
      }
      const name = nameOf(fileName)
      await mkdir(folder, { recursive: true })
      // Under its name only once it is whole.
      const partial = join(folder, `${id}.partial`)
      await writeFile(partial, bytes)
      await rename(partial, join(folder, `${id} ${name}.${format.extension}`))
      return { id, name }
    },

    async remove(id) {
      const found = (await files()).filter((font) => font.id === id)
      await Promise.all(found.map(({ file }) => rm(join(folder, file), { force: true })))
    },

    async read(id) {
      const found = (await files()).find((font) => font.id === id)
      const body = found && (await readFile(join(folder, found.file)).catch(() => undefined))
      const format =
        body && FORMATS.find(({ magic }) => magic.equals(body.subarray(0, magic.length)))
      return format && { contentType: format.contentType, body }
    },
  }
}

/** A name that every file system takes. */
function nameOf(fileName: string): string {
  const name = fileName
    .replace(/\.[a-z0-9]+$/i, '')
    .replaceAll(/[^\p{L}\p{N} ._-]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[ .]+/, '')
  // Half a character at the cut would not survive the file system.
  return (
    Array.from(name)
      .slice(0, 30)
      .join('')
      .replace(/[ .]+$/, '') || 'Font'
  )
}

function refused(sentence: string): OverlayError {
  return new OverlayError('font_refused', sentence)
}
