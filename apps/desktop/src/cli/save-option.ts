import { basename, extname, resolve } from 'node:path'
import type { CaptionFiles } from '../files/caption-files.ts'
import { createCaptionFiles } from '../files/caption-files.ts'
import type { CaptionFormat } from '../settings/settings.ts'
import { CAPTION_FORMATS } from '../settings/settings.ts'
import type { Console } from './console.ts'
import { UsageError } from './exit-codes.ts'

export interface SaveValues {
  readonly save?: string | undefined
  readonly format?: string | undefined
  readonly title?: string | undefined
}

export interface SaveOption {
  readonly folder: string
  readonly formats: readonly CaptionFormat[]
  readonly title: string
}

/** What `--save`, `--format` and `--title` say; undefined without `--save`. */
export function parseSave(
  values: SaveValues,
  recording: string | undefined,
): SaveOption | undefined {
  if (values.save === undefined) {
    const alone = values.format === undefined ? values.title : values.format
    if (alone === undefined) return undefined
    throw new UsageError('--format and --title go with --save FOLDER.')
  }
  const isFile = recording !== undefined && recording !== '-'
  return {
    folder: resolve(values.save),
    formats: (values.format ?? 'srt').split(',').map(parseFormat),
    title: values.title ?? (isFile ? basename(recording, extname(recording)) : ''),
  }
}

/** @throws UsageError */
export function parseFormat(text: string): CaptionFormat {
  const format = CAPTION_FORMATS.find((candidate) => candidate === text.trim())
  if (format) return format
  throw new UsageError(`--format takes ${CAPTION_FORMATS.join(', ')}, not "${text}".`)
}

/** The caption files of a run; where they cannot be written, standard error says so. */
export function saveCaptions(
  option: SaveOption,
  session: { readonly engine: string; readonly language: string },
  console: Console,
): CaptionFiles {
  return createCaptionFiles({
    ...option,
    startedAt: new Date(),
    engine: () => session.engine,
    language: session.language,
    timestamps: false,
    onNotice: ({ message }) => console.stderr.write(`${message}\n`),
  })
}
