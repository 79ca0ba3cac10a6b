/**
 * An async iterable that is fed by calls: the shape of every `SpeechSession.events`.
 * One consumer. Values pushed after end() are dropped.
 *
 * Its bound is its consumer's doing: whoever awaits nothing but next() has taken everything before
 * the process reads from a socket again, so that no more waits than one read held: 64 kB.
 */
export class EventQueue<T> implements AsyncIterable<T>, AsyncIterator<T> {
  readonly #values: T[] = []
  #waiting: ((result: IteratorResult<T>) => void) | undefined
  #handle: (() => void) | undefined
  #ended = false

  /** Values that wait. */
  get length(): number {
    return this.#values.length
  }

  get ended(): boolean {
    return this.#ended
  }

  push(value: T): void {
    if (this.#ended) return
    if (this.#waiting) {
      const resolve = this.#waiting
      this.#waiting = undefined
      resolve({ value, done: false })
    } else {
      this.#values.push(value)
      this.#handle?.()
    }
  }

  /** Ends the iteration after the values that are already there. */
  end(): void {
    this.#ended = true
    this.#waiting?.({ value: undefined, done: true })
    this.#waiting = undefined
    this.#handle?.()
  }

  /**
   * Hands each value over in the very call of push(), instead of by a promise: one after the other
   * also where a handler pushes more.
   * @param handler `false` ends it: it wants no more
   * @returns resolves at the end; rejects with what the handler throws
   */
  async forEach(handler: (value: T) => unknown): Promise<void> {
    let isHandling = false
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#handle = undefined
        void this.return()
      }
      this.#handle = () => {
        if (isHandling) return
        isHandling = true
        try {
          while (this.#values.length > 0) if (handler(this.#values.shift() as T) === false) leave()
        } catch (error) {
          leave()
          reject(error)
        }
        isHandling = false
        if (this.#ended) resolve()
      }
      this.#handle()
    })
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return { value: this.#values.shift() as T, done: false }
    if (this.#ended) return { value: undefined, done: true }
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  async return(): Promise<IteratorResult<T>> {
    this.end()
    this.#values.length = 0
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this
  }
}

/** Hands each value to `handler`; without a promise for each where they come from an EventQueue. */
export async function forEachEvent<T>(
  events: AsyncIterable<T>,
  handler: (value: T) => unknown,
): Promise<void> {
  if (events instanceof EventQueue) return (events as EventQueue<T>).forEach(handler)
  for await (const event of events) if (handler(event) === false) return
}
