import { copyFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { RecordingsService } from '../api/desktop-services.ts'
import type { RecordingView } from '../api/desktop-state.ts'
import { HostError } from '../api/host-error.ts'
import type { RunningSession, SessionDeps } from '../core/session-runner.ts'
import { startSession } from '../core/session-runner.ts'
import { captionFileName } from '../files/file-names.ts'
import { createKeptRecordings } from '../recording/kept-recordings.ts'
import { startRecordedSession } from '../recording/recorded-session.ts'
import { recordSettings } from '../recording/recorded-settings.ts'
import { cutSentence } from '../recording/recording-file.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { ShellPort } from './shell-port.ts'

export interface RecordingsAreaDeps {
  readonly settings: SettingsStore
  readonly shell: ShellPort
  /** The app's own. */
  readonly folder: string
  readonly version: string
  /** The recording that is being made; undefined where none is. */
  publish(view: RecordingView | undefined): void
  onNotice(level: 'warning', sentence: string): void
  /** Epoch, ms. */
  readonly now: () => number
}

export interface RecordingsArea {
  /** startSession(), recorded where the settings say so. */
  startSession(session: SessionDeps): RunningSession
  readonly service: RecordingsService
}

/** Recordings of sessions, for whoever looks into a fault. */
export function createRecordingsArea(deps: RecordingsAreaDeps): RecordingsArea {
  const { settings, shell } = deps
  const kept = createKeptRecordings(deps.folder)
  let live: string | undefined

  function begin(id: string, path: string): void {
    live = id
    deps.publish({ id, fileName: basename(path) })
  }

  function end(id: string): void {
    if (live !== id) return
    live = undefined
    deps.publish(undefined)
  }

  async function pathOf(id: string): Promise<string> {
    const found = (await kept.list()).some((recording) => recording.id === id)
    const path = found ? kept.pathOf(id) : undefined
    if (path === undefined)
      throw new HostError('not_found', 'This recording is not there any more.')
    return path
  }

  return {
    startSession(session) {
      const { enabled, withAudio } = settings.get().recording
      const startedAt = new Date(deps.now())
      const id = kept.newId(startedAt)
      const path = enabled ? kept.pathOf(id) : undefined
      if (path === undefined) return startSession(session)
      void kept.prune()
      begin(id, path)
      const running = startRecordedSession(session, {
        path,
        withAudio,
        wish: () => settings.get().recording,
        startedAt,
        app: deps.version,
        settings: recordSettings(settings.get()),
        onCut(reason) {
          end(id)
          // Whoever switches it off sees that it is off.
          if (reason !== 'wish') deps.onNotice('warning', cutSentence(reason))
        },
      })
      void running.finished.then(() => end(id))
      return running
    },

    service: {
      list: async () =>
        (await kept.list()).map(({ id, startedAtMs, bytes }) => ({
          id,
          startedAtMs,
          bytes,
          isLive: id === live,
        })),
      show: async (id) => shell.showInFolder(await pathOf(id)),
      async saveCopy(id) {
        const path = await pathOf(id)
        const startedAt =
          (await kept.list()).find((one) => one.id === id)?.startedAtMs ?? deps.now()
        const chosen = await shell.chooseSaveFile({
          title: 'Save a copy of the recording',
          defaultName: `${captionFileName(new Date(startedAt), 'Saywire')}.saywire-session`,
        })
        if (chosen === undefined) return { path: null }
        await copyFile(path, chosen)
        return { path: chosen }
      },
      async remove(id) {
        if (id === live)
          throw new HostError('not_possible', 'It is being recorded: stop captions first.')
        await shell.trash(await pathOf(id))
      },
    },
  }
}
