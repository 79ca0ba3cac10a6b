import type { UpdateView } from '../api/desktop-state.ts'
import type { Log } from './logs.ts'

const FIRST_CHECK_MS = 30_000
const CHECK_EVERY_MS = 4 * 3_600_000

/** The part of electron-updater that is used. */
export interface UpdateSource {
  autoDownload: boolean
  autoInstallOnAppQuit: boolean
  on(
    event: 'update-available' | 'update-downloaded',
    listener: (info: { version: string }) => void,
  ): unknown
  on(event: 'update-not-available', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  checkForUpdates(): Promise<unknown>
  downloadUpdate(): Promise<unknown>
  quitAndInstall(): void
}

export interface UpdaterDeps {
  /** Undefined where the app cannot update itself: in development, from a zip, without an address. */
  readonly source: UpdateSource | undefined
  /** Whether the user wants updates to come by themselves. */
  readonly isWanted: () => boolean
  /** While captions run nothing is looked for, fetched or installed: a stream must not be disturbed. */
  readonly isCaptioning: () => boolean
  readonly log: Log
}

export interface Updater {
  onUpdate(listener: (update: UpdateView) => void): void
  /**
   * Quits and installs what was downloaded, unless captions run; without this it is installed after
   * the next quit.
   */
  install(): void
  /** Call when what is asked of the user or the session may have changed. */
  reconsider(): void
  close(): void
}

/** Looks for updates now and then, downloads them quietly, and installs them when the app quits. */
export function createUpdater({ source, isWanted, isCaptioning, log }: UpdaterDeps): Updater {
  const listeners: ((update: UpdateView) => void)[] = []
  let view: UpdateView = { status: source ? 'none' : 'off', version: undefined }
  let waiting: 'check' | 'download' | undefined
  let timer: NodeJS.Timeout | undefined

  function show(status: UpdateView['status'], version?: string): void {
    view = { status, version }
    for (const listener of listeners) listener(view)
  }

  /** Rejections are told by the `error` event, too. */
  const begin = (work: Promise<unknown>) => void work.catch(() => undefined)

  function proceed(): void {
    if (!source || !waiting || !isWanted() || isCaptioning()) return
    const next = waiting
    waiting = undefined
    if (next === 'check') {
      show('checking')
      begin(source.checkForUpdates())
    } else {
      show('downloading', view.version)
      begin(source.downloadUpdate())
    }
  }

  function checkAfter(delayMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      waiting = 'check'
      proceed()
    }, delayMs)
  }

  if (source) {
    source.autoDownload = false
    source.autoInstallOnAppQuit = true
    source.on('update-not-available', () => {
      show('none')
      checkAfter(CHECK_EVERY_MS)
    })
    source.on('update-available', ({ version }) => {
      show('none', version)
      waiting = 'download'
      proceed()
    })
    source.on('update-downloaded', ({ version }) => show('ready', version))
    source.on('error', (error) => {
      log('warning', `The update failed: ${error.message}`)
      show('failed', view.version)
      checkAfter(CHECK_EVERY_MS)
    })
    checkAfter(FIRST_CHECK_MS)
  }

  return {
    onUpdate(listener) {
      listeners.push(listener)
      listener(view)
    },
    install() {
      if (view.status === 'ready' && !isCaptioning()) source?.quitAndInstall()
    },
    reconsider: proceed,
    close: () => clearTimeout(timer),
  }
}
