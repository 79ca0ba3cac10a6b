import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { finished } from 'node:stream/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { CaptureControl, CaptureMessage, CaptureTask } from './capture-messages.ts'
import { readCaptureMessage } from './read-capture-message.ts'

/**
 * The capture process, seen from its owner. Electron's app brings one of its utilityProcess: the
 * task goes as its only argument, as JSON; messages both ways are structured clones. It should be
 * killed with its owner.
 */
export interface CaptureChild {
  /** What is no message is passed over. */
  onMessage(listener: (message: CaptureMessage) => void): void
  /** Called once, when the process is gone, with its last words on standard error. */
  onExit(listener: (lastWords: string) => void): void
  /** Never waits; a process that is gone takes no notice. */
  post(control: CaptureControl): void
  /** Asks the process to let go of the device and end; after a second it is killed. */
  stop(): void
  /** Ends it now, whatever it does. */
  kill(): void
}

export type StartCaptureChild = (task: CaptureTask) => CaptureChild

const LAST_WORDS_CHARS = 2000
const STOP_TIMEOUT_MS = 1000

export interface ForkOptions {
  /** A program that speaks CaptureMessage; TypeScript is run by tsx. Default: capture-process.ts. */
  readonly entry?: string
  /** Instead of this process's own environment. */
  readonly env?: NodeJS.ProcessEnv
}

/** Starts the capture process as a plain child of this one; it ends when this one does. */
export function forkCaptureChild(task: CaptureTask, options: ForkOptions = {}): CaptureChild {
  const { entry = entryPoint(), env } = options
  const child = fork(entry, [JSON.stringify(task)], {
    serialization: 'advanced',
    execArgv: entry.endsWith('.ts') ? ['--import', tsxLoader()] : [],
    // PortAudio and ALSA chatter on both; only what standard error said last is of use.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(env && { env }),
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_CHARS)
  })
  let gone = false
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.on('error', (error) => {
      lastWords += error.message
      resolve()
    })
  })
    // Its last words have been read then. `close` would tell, but never comes after disconnect().
    .then(() => child.stderr && finished(child.stderr).catch(() => undefined))
    .then(() => (gone = true))
  return {
    onMessage: (listener) =>
      void child.on('message', (told) => {
        const message = readCaptureMessage(told)
        if (message) listener(message)
      }),
    onExit: (listener) => void exited.then(() => listener(lastWords.trim())),
    post(control) {
      // It may end at any moment: its exit is told, a message that it missed is not.
      if (child.connected) child.send(control, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
    stop() {
      if (gone) return
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      void exited.then(() => clearTimeout(timer))
    },
  }
}

/** Beside this file: as source in the workspace, as a bundle's own entry in a packaged app. */
function entryPoint(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./capture-process.${extension}`, import.meta.url))
}

function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}
