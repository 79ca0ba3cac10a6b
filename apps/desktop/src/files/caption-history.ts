import { access, rm } from 'node:fs/promises'
import type { CaptionFormat } from '../settings/settings.ts'
import type { CaptionDocument } from './caption-document.ts'
import type { FormatOptions } from './caption-formats.ts'
import { renderTranscript } from './caption-formats.ts'
import { HistoryError } from './history-error.ts'
import type { HistoryEntry } from './history-index.ts'
import { createHistoryIndex, readSession, sessionPath } from './history-index.ts'
import { SESSION_ID } from './session-id.ts'
import type { Snippet } from './search-captions.ts'
import { findInCaptions, foldText } from './search-captions.ts'
import { writeAtomically } from '../write-atomically.ts'

/** A search ends with so many sessions. */
export const SEARCH_RESULTS_MAX = 100

export interface CaptionHistoryDeps {
  /** The app's own folder, as `historyFolder` of createCaptionFiles. */
  readonly folder: string
  /** Whether a session is being written: it can be read, but not changed. */
  readonly isLive?: (id: string) => boolean
  /** Takes a file away; by default it is gone for good. */
  readonly trash?: (path: string) => Promise<void>
}

export interface HistoryMatch extends HistoryEntry {
  /** Left out where only the title matches. */
  readonly snippet: Snippet | undefined
}

/**
 * Past sessions. An id names a session and is never a path: what is not one of ours is `not_found`.
 * Every method but the first two throws HistoryError, or the file system's error where it refuses.
 */
export interface CaptionHistory {
  /**
   * All sessions, the newest first: one `stat` each. Sessions are read once, when they are new.
   */
  list(): Promise<HistoryEntry[]>
  /**
   * Sessions whose title or text holds the query, the newest first, `SEARCH_RESULTS_MAX` at most.
   * Reads their folded text, and of those found the session.
   */
  search(query: string, signal?: AbortSignal): Promise<HistoryMatch[]>
  read(id: string): Promise<CaptionDocument>
  /** Writes the session in any format, over the file at `path` if there is one. */
  export(id: string, format: CaptionFormat, path: string, options?: FormatOptions): Promise<void>
  rename(id: string, title: string): Promise<void>
  /** Takes the session out of the history. The caption files in the user's folder stay. */
  remove(id: string): Promise<void>
}

export function createCaptionHistory(deps: CaptionHistoryDeps): CaptionHistory {
  const { folder } = deps
  const index = createHistoryIndex(folder)
  function pathOf(id: string): string {
    if (!SESSION_ID.test(id)) throw new HistoryError('not_found')
    return sessionPath(folder, id)
  }

  async function read(id: string): Promise<CaptionDocument> {
    await access(pathOf(id)).catch(() => {
      throw new HistoryError('not_found')
    })
    const document = await readSession(folder, id)
    if (!document) throw new HistoryError('unreadable')
    return document
  }

  function refuseLive(id: string): void {
    if (deps.isLive?.(id)) throw new HistoryError('in_use')
  }

  return {
    list: index.list,
    read,

    async search(query, signal) {
      const wanted = foldText(query)
      const matches: HistoryMatch[] = []
      if (wanted === '') return matches
      for (const entry of await index.list()) {
        if (signal?.aborted || matches.length >= SEARCH_RESULTS_MAX) break
        if ((await index.foldedText(entry.id)).includes(wanted)) {
          const document = await readSession(folder, entry.id)
          matches.push({ ...entry, snippet: document && findInCaptions(document.captions, query) })
        } else if (foldText(entry.title).includes(wanted)) {
          matches.push({ ...entry, snippet: undefined })
        }
      }
      return matches
    },

    async export(id, format, path, options = { timestamps: false }) {
      const document = await read(id)
      // Where the session's files lie is nobody's business who is given this one.
      const facts = { ...document, files: [] }
      await writeAtomically(path, renderTranscript(document.captions, format, facts, options))
    },

    async rename(id, title) {
      refuseLive(id)
      const document = await read(id)
      const facts = { ...document, title }
      const text = renderTranscript(document.captions, 'json', facts, { timestamps: false })
      await writeAtomically(pathOf(id), text)
    },

    async remove(id) {
      refuseLive(id)
      const path = pathOf(id)
      await access(path).catch(() => {
        throw new HistoryError('not_found')
      })
      await (deps.trash ?? rm)(path)
      // Nothing of its text stays, also where nobody asks for the list again.
      await index.list()
    },
  }
}
