import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parseJson } from '@saywire/protocol'
import type { RecordedEntry, RecordingHead } from './recording-format.ts'
import { entrySchema, headSchema, RECORDING_VERSION } from './recording-format.ts'
import { RecordingError } from './recording-error.ts'

/** A second of sound is 43 kB; whatever is longer was not written by us. */
const LINE_MAX = 4 * 1024 * 1024
const GZIP_MAGIC = [0x1f, 0x8b]

export interface Recording {
  readonly head: RecordingHead
  /**
   * In order, read as they are asked for; may be called again. A last line that a crash has torn
   * is left out.
   * @throws RecordingError `damaged`, `not_readable`
   */
  entries(): AsyncIterable<RecordedEntry>
}

/**
 * Opens a recording, plain or compressed with gzip.
 * @throws RecordingError
 */
export async function readRecording(path: string): Promise<Recording> {
  for await (const { text } of lines(path)) {
    const head = parseHead(text)
    return { head, entries: () => entries(path) }
  }
  throw notARecording()
}

function parseHead(text: string): RecordingHead {
  const json = parseJson(text)
  const head = headSchema.safeParse(json)
  if (head.success) return head.data
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown }
  if (format !== 'saywire-session') throw notARecording()
  if (typeof version === 'number' && version > RECORDING_VERSION) {
    const message = 'A newer Saywire made this recording: update Saywire to replay it.'
    throw new RecordingError('too_new', message)
  }
  throw damaged(1)
}

async function* entries(path: string): AsyncGenerator<RecordedEntry> {
  for await (const { text, number, isLast } of lines(path)) {
    if (number === 1) continue
    const json = parseJson(text)
    if (json === undefined && isLast) return
    const entry = entrySchema.safeParse(json)
    if (!entry.success) throw damaged(number)
    yield entry.data
  }
}

interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** It does not end in a line break: the program was cut off while it was written. */
  readonly isLast: boolean
}

async function* lines(path: string): AsyncGenerator<Line> {
  let rest = ''
  let number = 0
  try {
    for await (const chunk of await textOf(path)) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) yield { text, number: (number += 1), isLast: false }
      if (rest.length > LINE_MAX) throw number === 0 ? notARecording() : damaged(number + 1)
    }
  } catch (cause) {
    throw asRecordingError(cause, number)
  }
  if (rest !== '') yield { text: rest, number: number + 1, isLast: true }
}

async function textOf(path: string): Promise<AsyncIterable<string>> {
  const raw = createReadStream(path)
  const first = await firstBytes(raw)
  const isZipped = GZIP_MAGIC.every((byte, index) => first[index] === byte)
  const stream = isZipped ? raw.pipe(createGunzip()) : raw
  raw.on('error', (error) => stream.destroy(error))
  stream.on('close', () => raw.destroy())
  return stream.setEncoding('utf8')
}

async function firstBytes(raw: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    raw.once('error', reject)
    raw.once('end', () => resolve(new Uint8Array()))
    raw.once('readable', () => {
      raw.off('error', reject)
      const chunk = raw.read() as Buffer | null
      if (chunk) raw.unshift(chunk)
      resolve(chunk ?? new Uint8Array())
    })
  })
}

function notARecording(): RecordingError {
  const message = 'This is not a recording of a Saywire session: they end in .saywire-session.'
  return new RecordingError('not_a_recording', message)
}

function damaged(line: number): RecordingError {
  const message = `Line ${line} of this recording is damaged: copy the file again from where it was made.`
  return new RecordingError('damaged', message)
}

/** @param lines that were read before */
function asRecordingError(cause: unknown, lines: number): RecordingError {
  if (cause instanceof RecordingError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOENT') return new RecordingError('not_found', 'There is no such file.', cause)
  // A gzip that was cut off, or that is none behind its first bytes.
  if (code.startsWith('Z_')) return lines === 0 ? notARecording() : damaged(lines + 1)
  const message = 'The file cannot be read: check its permissions, and that it is not a folder.'
  return new RecordingError('not_readable', message, cause)
}
