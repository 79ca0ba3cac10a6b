import type { Socket } from 'node:net'

/** One direction of a connection through the cutter: what `from` sends reaches `to`. */
export interface Lane {
  readonly passedBytes: number
  /** Nothing gets through any more, and neither end hears of the other's. */
  swallow(): void
  /** Stops reading for this long; what waits is in the kernel's buffers. */
  hold(durationMs: number): void
  /** Resets the connection once this many more bytes have passed. */
  resetAfter(bytes: number): void
  /** Everything comes this much later from now on, or as much as it does already. */
  delay(delayMs: number): void
}

/** Delayed bytes in memory; beyond, `from` is not read. */
const DELAYED_MAX_BYTES = 1 << 20

/** @param reset ends the whole connection with RST */
export function createLane(from: Socket, to: Socket, reset: () => void): Lane {
  let swallows = false
  let passedBytes = 0
  let bytesToReset = Infinity
  let delayMs = 0
  let delayedBytes = 0
  let waiting = 0
  let heldUntilMs = 0
  let isFull = false
  const timers = new Set<NodeJS.Timeout>()

  function flow(): void {
    const isHeld = heldUntilMs > performance.now()
    if (isHeld || isFull || delayedBytes > DELAYED_MAX_BYTES) from.pause()
    else from.resume()
  }

  function after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, ms)
    timers.add(timer)
  }

  /** In order: what comes later never waits less long. */
  function inTurn(act: () => void): void {
    if (delayMs === 0 && waiting === 0) return act()
    waiting += 1
    after(delayMs, () => {
      waiting -= 1
      act()
    })
  }

  function pass(bytes: Buffer): void {
    if (swallows || to.destroyed) return
    const passing = bytes.subarray(0, bytesToReset)
    bytesToReset -= passing.byteLength
    passedBytes += passing.byteLength
    // What was written must leave before the RST, which throws away what has not.
    const onGone = bytesToReset <= 0 ? () => setImmediate(reset) : undefined
    isFull = !to.write(passing, onGone)
    flow()
  }

  from.on('data', (bytes: Buffer) => {
    delayedBytes += bytes.byteLength
    inTurn(() => {
      delayedBytes -= bytes.byteLength
      pass(bytes)
    })
    flow()
  })
  from.on('end', () => inTurn(() => swallows || to.end()))
  from.on('error', () => inTurn(() => swallows || reset()))
  from.on('close', (isBroken) => {
    if (!isBroken) inTurn(() => swallows || to.end())
    // An end that hears nothing of it stays as it is.
    if (to.destroyed) for (const timer of timers) clearTimeout(timer)
  })
  to.on('drain', () => {
    isFull = false
    flow()
  })

  return {
    get passedBytes() {
      return passedBytes
    },
    swallow() {
      swallows = true
      heldUntilMs = 0
      flow()
    },
    hold(durationMs) {
      heldUntilMs = performance.now() + durationMs
      flow()
      after(durationMs + 1, flow)
    },
    resetAfter: (bytes) => void (bytesToReset = bytes),
    delay: (ms) => void (delayMs = Math.max(ms, delayMs)),
  }
}
