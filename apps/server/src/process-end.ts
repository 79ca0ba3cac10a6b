/** Longest orderly end, in ms: what hangs beyond it is left to the next start's recovery. */
const END_DEADLINE_MS = 60_000

/**
 * Runs `start`, then lets the process live until SIGTERM, SIGINT or SIGHUP, or until the parent
 * that started it with an IPC channel is gone. Then what `start` registered with `atEnd` runs,
 * last first, and the process exits with 0. A repeated signal changes nothing: rows are being
 * written. Where `start` fails, its message is printed and the exit code is 1.
 */
export async function runUntilEnd(
  start: (atEnd: (stop: () => Promise<void>) => void) => Promise<void>,
): Promise<void> {
  const stops: (() => Promise<void>)[] = []
  let isEnding = false

  async function end(exitCode: number): Promise<never> {
    isEnding = true
    setTimeout(() => process.exit(1), END_DEADLINE_MS).unref()
    let code = exitCode
    for (const stop of stops.toReversed()) {
      await stop().catch((error: unknown) => {
        // What failed to start has said so already.
        if (exitCode === 0) complain(error)
        code = 1
      })
    }
    process.exit(code)
  }
  const endOnce = (): void => {
    if (!isEnding) void end(0)
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endOnce)
  process.on('disconnect', endOnce)
  try {
    await start((stop) => stops.push(stop))
  } catch (error) {
    if (isEnding) return
    complain(error)
    await end(1)
  }
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}
