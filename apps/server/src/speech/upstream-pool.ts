import { SpeechError } from '@saywire/speech'

export interface UpstreamPoolOptions {
  /** Sessions that hold a backend at once. */
  readonly max: number
  /** Backends that are being opened at once: each is a TLS handshake that audio waits behind. */
  readonly dialsMax: number
  /** How long a new session waits for its turn before it is told `busy`. */
  readonly waitMs: number
  /** Monotonic clock, ms. */
  readonly now: () => number
}

/**
 * Bounds how many speech backends are open and being opened, over all sessions of this process. A
 * session keeps its place until it ends: while its backend is being replaced nobody takes it.
 */
export interface UpstreamPool {
  /**
   * Waits, for `waitMs` at the most, for a place and for a turn to dial.
   * @throws SpeechError `busy` with `retryAfterMs`; the signal's reason
   */
  enter(signal: AbortSignal): Promise<UpstreamPlace>
  /**
   * The backend's owner turned us away: nobody dials for as long as it asks, and new sessions that
   * would have to wait for too long are told its reason at once.
   */
  holdBack(refusal: SpeechError): void
  /** Sessions that hold a place, backends that are being opened, and those who wait for a turn. */
  readonly open: number
  readonly dialling: number
  readonly waiting: number
  readonly isFull: boolean
  /** New sessions are turned away at once, for longer than they would wait. */
  readonly isHeldBack: boolean
}

export interface UpstreamPlace {
  /** The dial is over, whatever came of it. */
  dialled(): void
  /**
   * Waits for another turn to dial, ahead of every new session.
   * @throws the signal's reason
   */
  redial(signal: AbortSignal): Promise<void>
  /** Idempotent. */
  leave(): void
}

/** Where a refusal does not say how long it holds, and for those who waited in vain. */
const RETRY_AFTER_MS = 5000

interface Waiter {
  admit(): void
  turnAway(error: SpeechError): void
}

export function createUpstreamPool(options: UpstreamPoolOptions): UpstreamPool {
  const { max, dialsMax, waitMs, now } = options
  /** Live sessions whose backend was lost go first. Bounded by `max`, and by the stream's limits. */
  const waiting: { readonly live: Set<Waiter>; readonly new: Set<Waiter> } = {
    live: new Set(),
    new: new Set(),
  }
  let open = 0
  let dialling = 0
  let heldUntilMs = Number.NEGATIVE_INFINITY
  let refusal: SpeechError | undefined
  let holdTimer: NodeJS.Timeout | undefined

  function admitNext(): void {
    if (now() < heldUntilMs) return
    while (dialling < dialsMax) {
      const next = first(waiting.live) ?? (open < max ? first(waiting.new) : undefined)
      if (!next) return
      next.admit()
    }
  }

  /** Resolves when it is this waiter's turn, which counts as a dial from then on. */
  async function awaitTurn(isNew: boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const queue = isNew ? waiting.new : waiting.live
    return new Promise((resolve, reject) => {
      const leaveQueue = (): void => {
        queue.delete(waiter)
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
      }
      const giveUp = (): void => {
        leaveQueue()
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        admit() {
          leaveQueue()
          dialling += 1
          if (isNew) open += 1
          resolve()
        },
        turnAway(error) {
          leaveQueue()
          reject(error)
        },
      }
      const timer = isNew ? setTimeout(() => waiter.turnAway(busy()), waitMs) : undefined
      signal.addEventListener('abort', giveUp, { once: true })
      queue.add(waiter)
      if (isNew && isHeldBack()) waiter.turnAway(busy())
      else admitNext()
    })
  }

  const isHeldBack = (): boolean => heldUntilMs - now() > waitMs

  function busy(): SpeechError {
    const heldMs = heldUntilMs - now()
    if (refusal && heldMs > 0) {
      const details = { retryable: true, retryAfterMs: Math.ceil(heldMs), cause: refusal }
      return new SpeechError('busy', refusal.message, details)
    }
    const message = 'All speech streams of this server are in use. Try again shortly.'
    return new SpeechError('busy', message, { retryable: true, retryAfterMs: RETRY_AFTER_MS })
  }

  function createPlace(): UpstreamPlace {
    let isDialling = true
    let isLeft = false
    return {
      dialled() {
        if (!isDialling) return
        isDialling = false
        dialling -= 1
        admitNext()
      },
      async redial(signal) {
        await awaitTurn(false, signal)
        isDialling = true
      },
      leave() {
        if (isLeft) return
        isLeft = true
        open -= 1
        if (isDialling) dialling -= 1
        isDialling = false
        admitNext()
      },
    }
  }

  return {
    async enter(signal) {
      await awaitTurn(true, signal)
      return createPlace()
    },
    holdBack(error) {
      const forMs = error.retryAfterMs ?? RETRY_AFTER_MS
      if (now() + forMs <= heldUntilMs) return
      heldUntilMs = now() + forMs
      refusal = error
      clearTimeout(holdTimer)
      // A timer may be a little early by the clock that is asked.
      holdTimer = setTimeout(admitNext, forMs + 5)
      holdTimer.unref()
      if (forMs > waitMs) for (const waiter of waiting.new) waiter.turnAway(busy())
    },
    get open() {
      return open
    },
    get dialling() {
      return dialling
    },
    get waiting() {
      return waiting.live.size + waiting.new.size
    },
    get isFull() {
      return open >= max
    },
    get isHeldBack() {
      return isHeldBack()
    },
  }
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value
}
