/** Longest orderly end, in ms: what hangs beyond it is left to the next start's recovery. */
const END_DEADLINE_MS = 60_000
/**
 * A signal that comes again so soon is the same one: Ctrl-C reaches a whole process group, and npm
 * hands it on once more.
 */
const SAME_SIGNAL_MS = 1000

/** What a program's start is given to end well. */
export interface Life {
  /** Registers what the end must do; the last one registered runs first. */
  atEnd(stop: () => Promise<void>): void
  /** Aborted as soon as the end has been asked for: nothing new may begin. */
  readonly ending: AbortSignal
}

/**
 * Runs `start`, then lets the process live until SIGTERM, SIGINT or SIGHUP, or until the parent
 * that started it with an IPC channel is gone. Then what `start` registered runs, and the process
 * exits with 0. Another SIGTERM or SIGINT, a second later or more, does not wait for that: exit
 * code 1, as where the end takes longer than `deadlineMs`. Where `start` fails, or later an error
 * that nobody caught, its message is printed, the same end runs, and the exit code is 1. Nobody
 * reading the output any more is no reason to end.
 */
export async function runUntilEnd(
  start: (life: Life) => Promise<void>,
  deadlineMs: number = END_DEADLINE_MS,
): Promise<void> {
  const stops: (() => Promise<void>)[] = []
  const ending = new AbortController()
  let exitCode = 0
  let askedAtMs: number | undefined

  function giveUp(why: string): void {
    complain(`Ended before everything was done: ${why}. The next start puts it right.`)
    process.exit(1)
  }

  async function end(): Promise<never> {
    setTimeout(() => giveUp(`it took longer than ${deadlineMs} ms`), deadlineMs).unref()
    for (const stop of stops.toReversed()) {
      await stop().catch((error: unknown) => {
        // What failed to start has said so already.
        if (exitCode === 0) complain(error)
        exitCode = 1
      })
    }
    process.exit(exitCode)
  }
  const endOnce = (): void => {
    if (ending.signal.aborted) return
    ending.abort()
    void end()
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    const isAnother = askedAtMs !== undefined && nowMs - askedAtMs > SAME_SIGNAL_MS
    if (isAnother && signal !== 'SIGHUP') giveUp(`there was another ${signal}`)
    askedAtMs ??= nowMs
    endOnce()
  }
  const fail = (error: unknown): void => {
    complain(error)
    exitCode = 1
    endOnce()
  }

  // Unheard, a broken pipe (`… | head`) would end the process on the spot.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal)
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  process.on('disconnect', endOnce)
  // A parent that died before this line has been, and will not be, reported.
  if (process.send && !process.connected) return endOnce()
  try {
    await start({ atEnd: (stop) => stops.push(stop), ending: ending.signal })
  } catch (error) {
    if (!ending.signal.aborted) fail(error)
  }
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}
