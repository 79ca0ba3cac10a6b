import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type LogLevel = 'info' | 'warning' | 'error'
/** One sentence: no captions, no secrets, nothing that a user would not post in a bug report. */
export type Log = (level: LogLevel, sentence: string) => void

const FILES = 5
const FILE_BYTES_MAX = 1024 * 1024
const SENTENCE_CHARS_MAX = 2000

/**
 * Writes to `saywire.log` in the folder, whose four predecessors are kept. At once, so that the line
 * before a crash is there; what cannot be written is dropped.
 */
export function createLog(folder: string, now: () => Date = () => new Date()): Log {
  const file = (age: number) => join(folder, age === 0 ? 'saywire.log' : `saywire.${age}.log`)
  let bytes = sizeOf(file(0))

  function rotate(): void {
    for (let age = FILES - 2; age >= 0; age--) {
      try {
        renameSync(file(age), file(age + 1))
      } catch {
        // There are fewer so far.
      }
    }
    bytes = 0
  }

  return (level, sentence) => {
    // One line each, whatever an error's message holds.
    const text = sentence.replaceAll(/\s+/g, ' ').slice(0, SENTENCE_CHARS_MAX)
    const line = `${now().toISOString()} ${level} ${text}\n`
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (bytes + line.length > FILE_BYTES_MAX) rotate()
      appendFileSync(file(0), line, { mode: 0o600 })
      bytes += Buffer.byteLength(line)
    } catch {
      // A full disk must not end the captions.
    }
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
