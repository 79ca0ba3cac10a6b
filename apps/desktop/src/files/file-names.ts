import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** With date, number and extension a name stays below the 255 bytes of every file system. */
const TITLE_BYTES_MAX = 150
const NUMBER_MAX = 999

/** `2026-11-21 20-15 My stream`, in local time: sorts by date, and opens on every system. */
export function captionFileName(startedAt: Date, title: string): string {
  const pad = (value: number) => String(value).padStart(2, '0')
  const date = [startedAt.getFullYear(), pad(startedAt.getMonth() + 1), pad(startedAt.getDate())]
  const time = [pad(startedAt.getHours()), pad(startedAt.getMinutes())]
  return `${date.join('-')} ${time.join('-')} ${safeTitle(title)}`.trim()
}

/**
 * What of a title can be in a file's name on Windows, macOS and Linux alike, and cannot deceive a
 * reader (characters that turn the direction of text).
 */
export function safeTitle(title: string): string {
  const safe = title
    .normalize('NFC')
    .replace(
      /[<>:"/\\|?*\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF]+/gu,
      ' ',
    )
    .replace(/\s+/gu, ' ')
  return cutToBytes(safe, TITLE_BYTES_MAX).replace(/^[\s.]+|[\s.]+$/gu, '')
}

/** Cuts between graphemes. */
function cutToBytes(text: string, bytesMax: number): string {
  let bytes = 0
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > bytesMax) return text.slice(0, index)
  }
  return text
}

/** The first of `name`, `name (2)`, `name (3)` … that is free for all the extensions. */
export async function freeName(
  folder: string,
  name: string,
  extensions: readonly string[],
): Promise<string> {
  for (let number = 1; number <= NUMBER_MAX; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`
    const taken = await Promise.all(
      extensions.map((extension) => exists(join(folder, `${candidate}.${extension}`))),
    )
    if (!taken.includes(true)) return candidate
  }
  return `${name} (${Date.now()})`
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
