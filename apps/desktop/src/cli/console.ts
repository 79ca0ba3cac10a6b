import type { ReadStream, WriteStream } from 'node:tty'

/** Signals this close together are one. */
const SAME_WISH_MS = 300

/** The streams and signals of one run of the command line, so that tests can bring their own. */
export interface Console {
  readonly stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>
  readonly stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>
  readonly stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>
  /** Called for each Ctrl-C, and for a request to end from the system. */
  onInterrupt(handler: () => void): void
}

/** The process's own. A reader of standard output that goes away (`| head`) ends it quietly. */
export function processConsole(): Console {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    onInterrupt(handler) {
      // A launcher passes the terminal's Ctrl-C on as SIGTERM: together they are one wish.
      let lastMs = Number.NEGATIVE_INFINITY
      const onSignal = () => {
        const nowMs = performance.now()
        if (nowMs - lastMs >= SAME_WISH_MS) handler()
        lastMs = nowMs
      }
      process.on('SIGINT', onSignal)
      process.on('SIGTERM', onSignal)
    },
  }
}
