import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptionFormat } from '../settings/settings.ts'
import type { Caption } from './caption.ts'
import type { SessionFacts } from './caption-document.ts'
import type { CaptionFilesNotice } from './caption-files-notice.ts'
import { againNotice, failureNotice } from './caption-files-notice.ts'
import type { CaptionFormatter, FormatOptions } from './caption-formats.ts'
import { createFormatter } from './caption-formats.ts'
import { freeName } from './file-names.ts'
import type { LiveFile } from './live-file.ts'
import { createLiveFile, isErrno } from './live-file.ts'
import { removeLeftovers } from '../write-atomically.ts'

/** While the disk refuses, writing is tried again this often, in ms, and with each caption. */
export const RETRY_MS = 5000

export interface FileSetDeps {
  /** Absolute; made where it is missing. */
  readonly folder: string
  /** Name of the files without extension. */
  readonly name: string
  readonly formats: readonly CaptionFormat[]
  /** Asked when a file is created. */
  readonly facts: () => Promise<SessionFacts>
  readonly options: FormatOptions
  /** Once when writing fails, and once when it works again. */
  readonly onNotice: (notice: CaptionFilesNotice) => void
  readonly retryMs?: number | undefined
}

/** Files of one name, one for each format, that hold the same captions. */
export interface FileSet {
  /** Never throws or blocks. The first caption creates the files. */
  add(caption: Caption): void
  /** The files that exist, in the order of the formats. */
  readonly paths: readonly string[]
  /** Resolves when all captions so far were written, or could not be. */
  settled(): Promise<void>
  close(): Promise<void>
}

export function createFileSet(deps: FileSetDeps): FileSet {
  const captions: Caption[] = []
  const files = deps.formats.map((format) => createGrowingFile(format, deps, captions))
  let name: string | undefined
  let isFailing = false
  let writing: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined

  function write(): void {
    clearTimeout(retry)
    if (!files.some((file) => file.isBehind())) return
    writing ??= (async () => {
      // What came while the disk was busy is written in one piece.
      while (files.some((file) => file.isBehind()) && (await writeOnce()));
      writing = undefined
    })()
  }

  /** Returns whether everything could be written. */
  async function writeOnce(): Promise<boolean> {
    try {
      await mkdir(deps.folder, { recursive: true })
      if (name === undefined) {
        await removeLeftovers(deps.folder).catch(() => undefined)
        name = await freeName(deps.folder, deps.name, deps.formats)
      }
      const base = name
      const results = await Promise.allSettled(files.map((file) => file.write(base)))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    } catch (error) {
      if (!isFailing) deps.onNotice(failureNotice(error, deps.folder))
      isFailing = true
      retry = setTimeout(write, deps.retryMs ?? RETRY_MS)
      retry.unref()
      return false
    }
    if (isFailing) deps.onNotice(againNotice(deps.folder))
    isFailing = false
    return true
  }

  return {
    add(caption) {
      captions.push(caption)
      if (files.length > 0) write()
    },
    get paths() {
      return files.flatMap(({ path }) => path ?? [])
    },
    async settled() {
      await writing
    },
    async close() {
      await writing
      write()
      await writing
      clearTimeout(retry)
      await Promise.all(files.map((file) => file.close()))
    },
  }
}

/** One file of the set, created with the first caption, and again where it went away. */
function createGrowingFile(format: CaptionFormat, deps: FileSetDeps, captions: readonly Caption[]) {
  let file: LiveFile | undefined
  let path: string | undefined
  let formatter: CaptionFormatter | undefined
  /** Captions that are in the file or in `pending`. */
  let rendered = 0
  /** Text that the disk has refused so far. */
  let pending = ''

  function render(next: CaptionFormatter['next']): void {
    pending += captions.slice(rendered).map(next).join('')
    rendered = captions.length
  }

  async function create(base: string): Promise<void> {
    const fresh = createFormatter(format, await deps.facts(), deps.options)
    const { head, tail } = fresh
    ;[formatter, rendered, pending] = [fresh, 0, '']
    render(fresh.next)
    let wanted = join(deps.folder, `${base}.${format}`)
    try {
      file = await createLiveFile(wanted, head + pending, tail)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
      // Somebody was faster, or has put a file of their own in the place of ours.
      wanted = join(deps.folder, `${await freeName(deps.folder, base, [format])}.${format}`)
      file = await createLiveFile(wanted, head + pending, tail)
    }
    path = wanted
    pending = ''
  }

  return {
    get path() {
      return path
    },
    isBehind: () => pending !== '' || rendered < captions.length,
    async write(base: string) {
      if (await file?.isGone()) {
        await file?.close()
        ;[file, path] = [undefined, undefined]
      }
      if (!file || !formatter) return create(base)
      render(formatter.next)
      if (pending === '') return
      await file.append(pending)
      pending = ''
    },
    close: async () => file?.close(),
  }
}
