import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { CaptionDocument } from './caption-document.ts'
import { parseCaptionDocument } from './caption-document.ts'
import { searchableText } from './search-captions.ts'
import { SESSION_ID } from './session-id.ts'
import { writeAtomically } from '../write-atomically.ts'

const INDEX_NAME = 'index.json'
/** Holds the folded text of each session, some thirty times smaller than its document. */
const TEXTS_NAME = 'texts'
/** Files that are looked at together. */
const BATCH = 32

const entryShape = z.object({
  id: z.string().regex(SESSION_ID),
  title: z.string(),
  /** ms since 1970. */
  startedAtMs: z.number(),
  /** Until the last caption's end. */
  durationMs: z.number(),
  words: z.number(),
  engine: z.string(),
  language: z.string(),
  /** Absolute paths of the caption files that were written, whether they are still there or not. */
  files: z.array(z.string()),
})
/** What the list shows of a session. */
export type HistoryEntry = z.infer<typeof entryShape>

const indexShape = z.record(
  z.string(),
  z.object({ mtimeMs: z.number(), sizeBytes: z.number(), entry: entryShape.optional() }),
)
type Index = z.infer<typeof indexShape>

export interface HistoryIndex {
  /** The sessions, the newest first. */
  list(): Promise<HistoryEntry[]>
  /** A session's text as foldText() leaves it; empty where it is gone. */
  foldedText(id: string): Promise<string>
}

/**
 * The list of sessions without reading the sessions: one stat each, and only those are read that
 * changed since the list was made last (by time and size). What it learned is kept in the folder,
 * made again where it is lost, and gone with its session.
 */
export function createHistoryIndex(folder: string): HistoryIndex {
  const textsFolder = join(folder, TEXTS_NAME)
  const textPath = (id: string) => join(textsFolder, `${id}.txt`)
  let index: Index | undefined

  async function list(): Promise<HistoryEntry[]> {
    const known = (index ??= await readIndex())
    const ids = await sessionIds(folder)
    const next: Index = {}
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = ids.slice(from, from + BATCH)
      const stats = await Promise.all(batch.map((id) => statOf(sessionPath(folder, id))))
      for (const [position, id] of batch.entries()) {
        const now = stats[position]
        const seen = known[id]
        if (!now) continue
        if (seen?.mtimeMs === now.mtimeMs && seen.sizeBytes === now.sizeBytes) next[id] = seen
        // One at a time: a first look at thousands of sessions must not fill the memory.
        else next[id] = { ...now, entry: await readEntry(id) }
      }
    }
    index = next
    for (const id of Object.keys(known)) if (!next[id]) await rm(textPath(id), { force: true })
    if (isChanged(known, next)) await writeIndex(next)
    return Object.values(next)
      .flatMap(({ entry }) => entry ?? [])
      .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
  }

  /** Undefined where the file is no document of ours, which is remembered too. */
  async function readEntry(id: string): Promise<HistoryEntry | undefined> {
    const document = await readSession(folder, id)
    if (!document) return undefined
    // Where it cannot be kept, a search reads the session.
    await mkdir(textsFolder, { recursive: true })
      .then(() => writeFile(textPath(id), searchableText(document.captions)))
      .catch(() => rm(textPath(id), { force: true }))
    return entryOf(id, document)
  }

  async function foldedText(id: string): Promise<string> {
    return readFile(textPath(id), 'utf8').catch(async () =>
      searchableText((await readSession(folder, id))?.captions ?? []),
    )
  }

  /** Where it cannot be kept, the next start reads the sessions again. */
  async function writeIndex(next: Index): Promise<void> {
    await writeAtomically(join(folder, INDEX_NAME), JSON.stringify(next)).catch(() => undefined)
  }

  async function readIndex(): Promise<Index> {
    try {
      const text = await readFile(join(folder, INDEX_NAME), 'utf8')
      return indexShape.parse(JSON.parse(text))
    } catch {
      return {}
    }
  }

  return { list, foldedText }
}

function isChanged(before: Index, after: Index): boolean {
  const ids = Object.keys(after)
  return Object.keys(before).length !== ids.length || ids.some((id) => before[id] !== after[id])
}

export function sessionPath(folder: string, id: string): string {
  return join(folder, `${id}.json`)
}

/** Undefined where it is gone, or not ours. */
export async function readSession(
  folder: string,
  id: string,
): Promise<CaptionDocument | undefined> {
  const text = await readFile(sessionPath(folder, id), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseCaptionDocument(text)
}

async function sessionIds(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => {
    const id = name.replace(/\.json$/, '')
    return id !== name && SESSION_ID.test(id) ? id : []
  })
}

async function statOf(path: string) {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isFile() ? { mtimeMs: stats.mtimeMs, sizeBytes: stats.size } : undefined
}

function entryOf(id: string, document: CaptionDocument): HistoryEntry {
  const { title, startedAt, engine, language, files, captions } = document
  return {
    id,
    title,
    startedAtMs: startedAt.getTime(),
    durationMs: captions.at(-1)?.endMs ?? 0,
    words: captions.reduce((sum, { text }) => sum + text.split(/\s+/u).filter(Boolean).length, 0),
    engine,
    language,
    files: [...files],
  }
}
