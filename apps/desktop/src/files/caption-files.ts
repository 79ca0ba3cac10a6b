import type { CaptionSink } from '../core/ports.ts'
import type { CaptionFormat } from '../settings/settings.ts'
import type { Caption, RecordingSpan } from './caption.ts'
import { captionInRecording } from './caption.ts'
import type { CaptionFilesNotice } from './caption-files-notice.ts'
import { captionFileName } from './file-names.ts'
import type { FileSet } from './file-set.ts'
import { createFileSet } from './file-set.ts'
import { sessionId } from './session-id.ts'

export interface CaptionFilesOptions {
  /** Where the user wants the files: absolute; made where it is missing. */
  readonly folder: string
  /** None where only the history is kept. */
  readonly formats: readonly CaptionFormat[]
  /** The app's own folder, in which each session is kept as JSON; see createCaptionHistory. */
  readonly historyFolder?: string | undefined
  readonly title: string
  /** The moment at which the capture clock was 0. */
  readonly startedAt: Date
  /** What transcribes, for people; asked at the first caption. */
  readonly engine: () => string
  /** BCP 47. */
  readonly language: string
  /** Each line of a TXT begins with its time. */
  readonly timestamps: boolean
  /**
   * OBS' recordings so far, the oldest first. Each gets files of its own besides, named by its
   * start, with times from its start and only what was said while it ran.
   */
  readonly recordings?: (() => readonly RecordingSpan[]) | undefined
  readonly onNotice: (notice: CaptionFilesNotice) => void
  /** While the disk refuses, writing is tried again this often. */
  readonly retryMs?: number | undefined
}

export interface CaptionFiles extends CaptionSink {
  /** The files that exist by now: the session's, then those of each recording. */
  readonly paths: readonly string[]
  /** The session's id in the history. */
  readonly historyId: string
  close(): Promise<void>
}

/**
 * Caption files that are written while people speak: each final is appended when it comes, and the
 * files are whole after each. A crash of the program loses what the disk was just being given, a
 * power failure what it had not yet said to have (each write is followed by fdatasync). Where the
 * disk refuses, the user is told once, the captions wait in memory, and writing is tried again.
 */
export function createCaptionFiles(options: CaptionFilesOptions): CaptionFiles {
  const { startedAt, title } = options
  const historyId = sessionId(startedAt)
  const session = filesOf(
    options.folder,
    captionFileName(startedAt, title),
    options.formats,
    startedAt,
  )
  const history = options.historyFolder
    ? filesOf(options.historyFolder, historyId, ['json'], startedAt)
    : undefined
  const recordings: FileSet[] = []

  function filesOf(
    folder: string,
    name: string,
    formats: readonly CaptionFormat[],
    clockStartedAt: Date,
  ): FileSet {
    return createFileSet({
      folder,
      name,
      formats,
      facts: async () => ({
        title,
        startedAt: clockStartedAt,
        engine: options.engine(),
        language: options.language,
        files: folder === options.historyFolder ? await sessionPaths() : [],
      }),
      options: { timestamps: options.timestamps },
      onNotice: options.onNotice,
      retryMs: options.retryMs,
    })
  }

  /** The history names the session's files, which have their names once they exist. */
  async function sessionPaths(): Promise<readonly string[]> {
    await session.settled()
    return session.paths
  }

  function addToRecordings(caption: Caption): void {
    for (const [index, span] of (options.recordings?.() ?? []).entries()) {
      const inside = captionInRecording(caption, span)
      if (!inside) continue
      recordings[index] ??= recordingFiles(span)
      recordings[index].add(inside)
    }
  }

  function recordingFiles(span: RecordingSpan): FileSet {
    const recordedAt = new Date(startedAt.getTime() + span.startMs)
    const name = captionFileName(recordedAt, `${title} recording`)
    return filesOf(options.folder, name, options.formats, recordedAt)
  }

  return {
    historyId,
    get paths() {
      return [session, ...recordings].flatMap((set) => set?.paths ?? [])
    },
    onEvent(event) {
      if (event.type !== 'final' || event.text.trim() === '') return
      session.add(event)
      addToRecordings(event)
      history?.add(event)
    },
    async close() {
      await session.close()
      await Promise.all([...recordings, history].map(async (set) => set?.close()))
    },
  }
}
