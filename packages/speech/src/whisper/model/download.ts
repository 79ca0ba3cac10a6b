import { createWriteStream } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface DownloadOptions {
  readonly url: string
  /** What is in this file already is the beginning of the download, and is kept. */
  readonly path: string
  readonly onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void
  readonly signal?: AbortSignal | undefined
  /** Longest wait for an answer, ms. Default 5,000. */
  readonly answerTimeoutMs?: number
  /** Longest wait for the next bytes, ms. Default 20,000. */
  readonly stallTimeoutMs?: number
  /** Failures in a row, without a byte in between, after which it gives up. Default 4. */
  readonly attempts?: number
  /** Wait before the second attempt, ms; doubled for each one after. Default 500. */
  readonly retryDelayMs?: number
}

/** Why a download failed, as the end of a sentence: "… (`reason`)". */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
  readonly retryable: boolean

  constructor(reason: string, retryable: boolean) {
    super(reason)
    this.retryable = retryable
  }
}

/**
 * Downloads over HTTP into a file, and goes on where an earlier attempt, also of an earlier
 * process, ended. Does not check the content: the caller does.
 * @throws DownloadError; the signal's reason; the file system's errors as they are
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { attempts = 4, retryDelayMs = 500, signal, path } = options
  let answered = false
  for (let failures = 0; ;) {
    const before = await sizeOf(path)
    try {
      if (await downloadOnce(options, before, () => (answered = true))) return
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof DownloadError)) throw error
      // Nobody there at all: another source is worth more than patience.
      if (!error.retryable || !answered) throw error
      failures = (await sizeOf(path)) > before ? 1 : failures + 1
      if (failures >= attempts) throw error
    }
    await sleep(retryDelayMs * 2 ** Math.max(0, failures - 1), undefined, signal ? { signal } : {})
  }
}

/** False when it must be tried again: what was there did not fit. */
async function downloadOnce(
  options: DownloadOptions,
  have: number,
  onAnswer: () => void,
): Promise<boolean> {
  const { url, path, signal, answerTimeoutMs = 5000, stallTimeoutMs = 20_000 } = options
  const watch = watchdog(signal)
  try {
    watch.within(answerTimeoutMs, 'no answer')
    const response = await fetch(url, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      signal: watch.signal,
    })
    onAnswer()
    const from = await startingPoint(response, path, have)
    if (from === 'complete') return true
    if (from === 'again') return false
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const total = Number.isNaN(length) ? undefined : from + length
    let received = from
    options.onProgress?.(received, total)
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
    watch.within(stallTimeoutMs, 'the download stalled')
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          watch.within(stallTimeoutMs, 'the download stalled')
          yield chunk
          received += chunk.byteLength
          options.onProgress?.(received, total)
        }
      },
      createWriteStream(path, { flags: from > 0 ? 'a' : 'w' }),
      { signal: watch.signal },
    )
    if (total !== undefined && received < total) throw new DownloadError('it was cut off', true)
    return true
  } catch (error) {
    throw watch.expired ?? asDownloadError(error)
  } finally {
    watch.stop()
  }
}

/** The byte that the body begins with, once the file has been made to fit. */
async function startingPoint(
  response: Response,
  path: string,
  have: number,
): Promise<number | 'complete' | 'again'> {
  const range = response.headers.get('content-range') ?? ''
  if (response.status === 200) return 0
  if (response.status === 206 && range.startsWith(`bytes ${have}-`)) return have
  await response.body?.cancel()
  if (response.status === 206 || response.status === 416) {
    if (have > 0 && range === `bytes */${have}`) return 'complete'
    if (have === 0) throw new DownloadError(`answered ${response.status}`, false)
    await truncate(path)
    return 'again'
  }
  const retryable = response.status >= 500 || response.status === 429
  throw new DownloadError(`answered ${response.status}`, retryable)
}

function asDownloadError(error: unknown): unknown {
  const { code, cause, syscall } = error as { code?: string; cause?: unknown; syscall?: string }
  const reason = (cause as { code?: string } | undefined)?.code ?? code
  // The file system names what it was doing; the network's errors are wrapped by fetch().
  const fromFileSystem = syscall === 'open' || syscall === 'write' || syscall === 'ftruncate'
  if (error instanceof DownloadError || fromFileSystem) return error
  return new DownloadError(reason ?? 'the connection was lost', true)
}

/** One deadline at a time; passing it aborts the signal and leaves the reason in `expired`. */
function watchdog(outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  let timer: NodeJS.Timeout | undefined
  let expired: DownloadError | undefined
  return {
    signal,
    get expired() {
      return expired
    },
    within(ms: number, otherwise: string) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        expired = new DownloadError(otherwise, true)
        controller.abort(expired)
      }, ms)
    },
    stop: () => clearTimeout(timer),
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  )
}
