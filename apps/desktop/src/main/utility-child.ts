import { join } from 'node:path'
import type { WhisperProcess, WhisperReply } from '@saywire/speech/whisper'
import type { UtilityProcess } from 'electron'
import { utilityProcess } from 'electron'
import type { CaptureChild } from '../capture/capture-child.ts'
import type { CaptureControl, CaptureTask } from '../capture/capture-messages.ts'
import { readCaptureMessage } from '../capture/read-capture-message.ts'

const LAST_WORDS_CHARS = 2000
/** Frames of audio that are taken between two messages that say so. */
const TAKEN_EVERY = 10

/** The capture process as a child that Electron looks after, and that ends with the app. */
export function startCaptureChild(task: CaptureTask): CaptureChild {
  const child = startChild('capture-process.js', 'Saywire microphone', [JSON.stringify(task)])
  const post = (control: CaptureControl) => child.post(control)
  let frames = 0
  return {
    onMessage: (listener) =>
      child.onMessage((told) => {
        const message = readCaptureMessage(told)
        if (!message) return
        listener(message)
        if (message.type !== 'audio') return
        frames += 1
        if (frames % TAKEN_EVERY === 0) post({ do: 'taken', frames })
      }),
    onExit: (listener) => child.onExit((_reason, lastWords) => listener(lastWords)),
    post,
    // Nothing there is worth a goodbye: the system takes the device back.
    stop: child.kill,
    kill: child.kill,
  }
}

/** The whisper process, likewise. */
export function startWhisperProcess(): WhisperProcess {
  const child = startChild('whisper-child.js', 'Saywire Whisper', [])
  return {
    send: child.post,
    onReply: (listener) => child.onMessage((reply) => listener(reply as WhisperReply)),
    onExit: (listener) => child.onExit((reason, words) => listener(`${reason} ${words}`.trim())),
    kill: child.kill,
  }
}

export interface UtilityChild {
  /** A message to a process that has just ended is lost: its exit is told. */
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, with why it ended and what it last wrote on standard error. */
  onExit(listener: (reason: string, lastWords: string) => void): void
  /** Ends it now, whatever it does. */
  kill(): void
}

/** Runs a file of this build in a process of its own. */
export function startChild(file: string, name: string, args: string[]): UtilityChild {
  const child = utilityProcess.fork(join(import.meta.dirname, file), args, {
    serviceName: name,
    // Native libraries chatter on both; only what standard error said last is of use.
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let lastWords = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    lastWords = (lastWords + bytes.toString()).slice(-LAST_WORDS_CHARS)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code) => resolve(`exit code ${code}`))
  })
  return {
    post: child.postMessage.bind(child),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void exited.then((reason) => listener(reason, lastWords.trim())),
    kill: () => killNow(child),
  }
}

/** Not `child.kill()`: that asks politely, and a process that decodes or hangs does not hear it. */
function killNow(child: UtilityProcess): void {
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  if (child.pid === undefined) child.once('spawn', kill)
  else kill()
}
