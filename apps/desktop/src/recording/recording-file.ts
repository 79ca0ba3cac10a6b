import type { FileHandle } from 'node:fs/promises'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CutReason } from './recording-format.ts'

/** What a crash may cost of the recording, ms. */
const WRITE_EVERY_MS = 1000
/** What waits for the disk at most; a disk that is further behind is not waited for. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024
/** How long the end may take to be written. */
const CLOSE_TIMEOUT_MS = 3000

export interface RecordingFileOptions {
  /** Absolute. The file must not exist; its folder is made. */
  readonly path: string
  /** The recording ends before it would be larger. */
  readonly maxBytes: number
  /** The line that says why nothing follows. */
  readonly cutLine: (reason: CutReason) => string
  /** Called once at most; nothing is written afterwards. */
  readonly onCut: (reason: CutReason) => void
}

/** A text file that grows line by line, beside whatever is more important. */
export interface RecordingFile {
  /** Never throws and never waits. */
  write(line: string): void
  /** Ends the file here. */
  cut(reason: CutReason): void
  /** Writes what is left, within three seconds. Never rejects. */
  close(): Promise<void>
}

/** What to tell the user. */
export function cutSentence(reason: CutReason): string {
  if (reason === 'size') {
    return 'This session is no longer recorded: the recording has reached its largest size.'
  }
  if (reason === 'wish') return 'This session is no longer recorded, as you wished.'
  return 'This session is not recorded: the disk is full, too slow, or refuses the file.'
}

/**
 * Lines are collected and written once a second, whole: what a crash leaves can be read up to the
 * last line. Only this user can read the file.
 */
export function createRecordingFile(options: RecordingFileOptions): RecordingFile {
  const { path, maxBytes, cutLine } = options
  let waiting: string[] = []
  let waitingBytes = 0
  let bytes = 0
  let isCut = false
  let isClosed = false
  let hasFailed = false
  let writing: Promise<void> | undefined
  let file: FileHandle | undefined
  const timer = setInterval(() => void flush(), WRITE_EVERY_MS)
  timer.unref()

  async function flush(): Promise<void> {
    writing ??= writeWaiting().finally(() => {
      writing = undefined
    })
    await writing
  }

  async function writeWaiting(): Promise<void> {
    if (hasFailed) return
    const text = waiting.join('')
    waiting = []
    waitingBytes = 0
    if (text === '') return
    try {
      file ??= await create(path)
      await file.appendFile(text)
    } catch {
      // Half a line may be in the file: what came after it could not be read.
      waiting = []
      hasFailed = true
      cut('disk')
    }
  }

  function cut(reason: CutReason): void {
    if (isCut) return
    isCut = true
    clearInterval(timer)
    waiting.push(`${cutLine(reason)}\n`)
    options.onCut(reason)
    if (!hasFailed) void flush()
  }

  async function finish(): Promise<void> {
    await writing
    await flush()
    await file?.close()
  }

  return {
    write(line) {
      if (isCut || isClosed) return
      const lineBytes = Buffer.byteLength(line) + 1
      if (bytes + lineBytes > maxBytes) return cut('size')
      if (waitingBytes + lineBytes > WAITING_BYTES_MAX) return cut('disk')
      waiting.push(`${line}\n`)
      waitingBytes += lineBytes
      bytes += lineBytes
    },
    cut(reason) {
      if (!isClosed) cut(reason)
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      let timeout: NodeJS.Timeout | undefined
      const tooLate = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, CLOSE_TIMEOUT_MS)
      })
      await Promise.race([finish().catch(() => undefined), tooLate])
      clearTimeout(timeout)
    },
  }
}

async function create(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return open(path, 'wx', 0o600)
}
