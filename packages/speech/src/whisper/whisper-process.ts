import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { WhisperReply, WhisperRequest } from './whisper-messages.ts'

/** The whisper process, seen from its owner. Electron's app brings one of its utilityProcess. */
export interface WhisperProcess {
  /** Undefined where it did not start. */
  readonly pid?: number | undefined
  send(request: WhisperRequest): void
  onReply(listener: (reply: WhisperReply) => void): void
  /** Called once, with what is known of why: a signal, a code, its last words. */
  onExit(listener: (reason: string) => void): void
  kill(): void
}

const LAST_WORDS_CHARS = 400
/**
 * MB. Audio that passes by is soon of no use, but V8 would let it fill 16 MB three times before it looks: memory
 * that grows for a quarter of an hour, 40 MB under load.
 */
const YOUNG_GENERATION_MB = 1

/** Starts the whisper process as a plain child of this one; it ends when this one does. */
export function forkWhisperProcess(): WhisperProcess {
  const entry = entryPoint()
  const child = fork(entry, {
    serialization: 'advanced',
    execArgv: [
      `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
      ...(entry.endsWith('.ts') ? ['--import', tsxLoader()] : []),
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_CHARS)
  })
  // A message may cross with the end of the process: onExit tells of it.
  const ignore = () => {}
  child.on('error', ignore)
  return {
    pid: child.pid,
    send: (request) => {
      if (child.connected) child.send(request, ignore)
    },
    onReply: (listener) => void child.on('message', (reply) => listener(reply as WhisperReply)),
    onExit(listener) {
      let told = false
      const tell = (reason: string) => {
        if (told) return
        told = true
        listener(reason)
      }
      child.once('error', (error) => tell(error.message))
      child.once('exit', (code, signal) =>
        tell([signal ?? `exit code ${code}`, lastWords].join(' ').trim()),
      )
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Beside this file: as source in the workspace, as a bundle's own entry in a packaged app. */
function entryPoint(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const path = extension === 'ts' ? './decoding/whisper-child.ts' : './whisper-child.js'
  return fileURLToPath(new URL(path, import.meta.url))
}

function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}
