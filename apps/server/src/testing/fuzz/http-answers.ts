/** An answer as it was on the wire. */
export interface HttpAnswer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  readonly body: string
}

/** Cuts a stream of answers into one after the other. */
export interface AnswerReader {
  /** @param isBodiless whether the next answer is one to HEAD */
  next(isBodiless: boolean): HttpAnswer | undefined
  push(chunk: Buffer): void
}

export function createAnswerReader(): AnswerReader {
  let buffered = Buffer.alloc(0)

  return {
    push(chunk) {
      buffered = Buffer.concat([buffered, chunk])
    },
    next(isBodiless) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) return undefined
      const head = buffered.toString('latin1', 0, headEnd)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
      const rest = buffered.subarray(headEnd + 4)
      const isEmpty = isBodiless || status === 204 || status === 304 || status < 200
      const body = isEmpty ? { text: '', length: 0 } : readBody(head, rest)
      if (!body) return undefined
      buffered = rest.subarray(body.length)
      // "100 Continue" and the like: the answer itself follows.
      if (status >= 100 && status < 200 && status !== 101) return this.next(isBodiless)
      return { status, head, body: body.text }
    },
  }
}

/** Undefined while some of it is missing. */
function readBody(head: string, rest: Buffer): { text: string; length: number } | undefined {
  if (/\r\ntransfer-encoding: chunked/i.test(head)) return readChunks(rest)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  return rest.length < length ? undefined : { text: rest.toString('utf8', 0, length), length }
}

function readChunks(rest: Buffer): { text: string; length: number } | undefined {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + size + 2
    if (rest.length < end) return undefined
    parts.push(rest.subarray(lineEnd + 2, end - 2))
    at = end
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), length: at }
  }
}
