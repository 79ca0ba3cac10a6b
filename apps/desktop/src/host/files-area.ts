import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  FilesService,
  HistoryEntryView,
  HistoryService,
  TranscriptFormat,
} from '../api/desktop-services.ts'
import { HostError } from '../api/host-error.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { RecordingSpan } from '../files/caption.ts'
import type { CaptionFiles } from '../files/caption-files.ts'
import { createCaptionFiles } from '../files/caption-files.ts'
import { createCaptionHistory } from '../files/caption-history.ts'
import type { HistoryMatch } from '../files/caption-history.ts'
import { captionFileName } from '../files/file-names.ts'
import { translates } from '../settings/languages.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { CaptureZero } from './capture-zero.ts'
import type { ShellPort } from './shell-port.ts'

export interface FilesArea {
  /** A sink for one session. */
  openSink(session: {
    zero(): CaptureZero | undefined
    backend(): string | undefined
    recordings(clockZeroMs: number): readonly RecordingSpan[]
  }): CaptionSink
  readonly history: HistoryService
  readonly files: FilesService
}

export interface FilesAreaDeps {
  readonly settings: SettingsStore
  readonly shell: ShellPort
  /** The app's own, for the history. */
  readonly historyDir: string
  /** Where files go unless the user chose another folder. */
  readonly defaultFolder: string
  onNotice(level: 'info' | 'warning', sentence: string): void
}

/** Caption files while a session runs, and what became of earlier ones. */
export function createFilesArea(deps: FilesAreaDeps): FilesArea {
  const { settings, shell, historyDir } = deps
  let live: CaptionFiles | undefined
  const history = createCaptionHistory({
    folder: historyDir,
    isLive: (id) => live?.historyId === id,
    trash: shell.trash,
  })
  const folder = () => settings.get().files.folder || deps.defaultFolder

  /** The document of a session, or the first of its caption files. */
  async function entry(id: string): Promise<HistoryMatch> {
    const found = (await history.list()).find((one) => one.id === id)
    if (!found) throw new HostError('not_found', 'This session is not in the history any more.')
    return { ...found, snippet: undefined }
  }

  return {
    openSink({ zero, backend, recordings }) {
      const { files, transcription } = settings.get()
      // Made when the first caption comes: only then is it known when its clock was 0.
      let sink: CaptionFiles | undefined
      function create({ epochMs, performanceMs }: CaptureZero): CaptionFiles {
        return createCaptionFiles({
          folder: folder(),
          formats: files.enabled ? files.formats : [],
          historyFolder: historyDir,
          title: files.title,
          startedAt: new Date(epochMs),
          engine: () => backend() ?? '',
          language: translates(transcription) ? 'en' : transcription.language,
          timestamps: files.timestamps,
          recordings: files.alignToRecording ? () => recordings(performanceMs) : undefined,
          onNotice: ({ code, message }) =>
            deps.onNotice(code === 'writing_again' ? 'info' : 'warning', message),
        })
      }
      return {
        onEvent(event, transcript) {
          const at = zero()
          if (!sink && at) live = sink = create(at)
          sink?.onEvent(event, transcript)
        },
        async close() {
          await sink?.close()
          if (live === sink) live = undefined
        },
      }
    },

    history: {
      async list({ search = '' }) {
        const found = search.trim() === '' ? await history.list() : await history.search(search)
        return { entries: found.map(toView), cursor: null }
      },
      async export(id, format) {
        const { startedAtMs, title } = await entry(id)
        const path = await shell.chooseSaveFile({
          title: 'Export captions',
          defaultName: `${captionFileName(new Date(startedAtMs), title)}.${format}`,
        })
        if (path === undefined) return { path: null }
        const { timestamps } = settings.get().files
        await history.export(id, format satisfies TranscriptFormat, path, { timestamps })
        return { path }
      },
      rename: history.rename,
      remove: history.remove,
      async show(id) {
        const { files } = await entry(id)
        shell.showInFolder(files[0] ?? join(historyDir, `${id}.json`))
      },
    },

    files: {
      async chooseFolder() {
        const chosen = await shell.chooseFolder({
          title: 'Folder for caption files',
          defaultPath: folder(),
        })
        return chosen === undefined ? null : settings.update({ files: { folder: chosen } })
      },
      async openFolder() {
        await mkdir(folder(), { recursive: true })
        shell.showInFolder(folder())
      },
    },
  }
}

function toView(match: HistoryMatch | Omit<HistoryMatch, 'snippet'>): HistoryEntryView {
  const { id, title, startedAtMs, durationMs } = match
  const snippet = 'snippet' in match ? match.snippet : undefined
  const excerpt = snippet ? snippet.before + snippet.match + snippet.after : ''
  return { id, title, startedAtMs, durationMs, excerpt }
}
