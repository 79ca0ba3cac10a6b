/** The regular work of a process that holds leases, and its watch over itself. */
export interface Pulse {
  start(): void
  stop(): void
  /**
   * When this process last came to after it had stood still for `frozenMs`: what it knew before is
   * not to be relied on. Monotonic, ms.
   */
  wokenAtMs(): number
}

/**
 * Heartbeats come in time whatever else takes long, lest others take this process for dead: they
 * wait for each other, but not for the settling of what dead processes left behind.
 */
export function createPulse(deps: {
  /** Between heartbeats, ms. */
  readonly everyMs: number
  readonly frozenMs: number
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** Neither rejects. */
  readonly beat: () => Promise<void>
  readonly reap: () => Promise<void>
}): Pulse {
  const { now } = deps
  let timer: NodeJS.Timeout | undefined
  let beating: Promise<void> | undefined
  let reaping: Promise<void> | undefined
  let ranAtMs = now()
  let wokenAtMs = ranAtMs

  function notice(): void {
    const nowMs = now()
    if (nowMs - ranAtMs > deps.frozenMs) wokenAtMs = nowMs
    ranAtMs = nowMs
  }

  async function beatAndReap(): Promise<void> {
    await deps.beat()
    beating = undefined
    // In this order: whoever has been away says first that it lives, and then looks at others.
    reaping ??= deps.reap().finally(() => {
      reaping = undefined
    })
  }

  return {
    start() {
      ranAtMs = now()
      timer = setInterval(() => {
        notice()
        beating ??= beatAndReap()
      }, deps.everyMs)
    },
    stop: () => clearInterval(timer),
    wokenAtMs() {
      if (timer) notice()
      return wokenAtMs
    },
  }
}
