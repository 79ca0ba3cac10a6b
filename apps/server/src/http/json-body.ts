import type { IncomingMessage } from 'node:http'
import { AppError } from '../app-error.ts'

/** Largest request body, in bytes. Nothing that this API takes comes near it. */
export const BODY_MAX_BYTES = 64 * 1024
/** Levels of arrays and objects in it. Libraries that walk through it call themselves for each. */
const NESTING_MAX = 32
/** Most calls in one request to tRPC: each costs as much as a request of its own. */
export const BATCH_MAX = 20

/** @throws AppError `payload_too_large` where the request says so itself */
export function checkAnnouncedSize(req: IncomingMessage): void {
  if (Number(req.headers['content-length'] ?? 0) > BODY_MAX_BYTES) {
    throw tooLarge(BODY_MAX_BYTES)
  }
}

/**
 * The request's body; undefined where there is none.
 * @throws AppError `payload_too_large`, `bad_request`
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  const body = await readBody(req, BODY_MAX_BYTES)
  if (body.byteLength === 0) return undefined
  if (nestingOf(body) > NESTING_MAX) {
    throw new AppError('bad_request', `The body has more than ${NESTING_MAX} levels.`)
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    throw new AppError('bad_request', 'The body is not valid JSON.')
  }
}

/**
 * The request's body, byte for byte.
 * @throws AppError `payload_too_large`
 */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** How deep brackets stand in each other, those in texts aside. */
function nestingOf(json: Buffer): number {
  const [quote, backslash] = [0x22, 0x5c]
  let depth = 0
  let deepest = 0
  let isText = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (isText) {
      if (byte === backslash) i += 1
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, (depth += 1))
    else if (byte === 0x5d || byte === 0x7d) depth -= 1
  }
  return deepest
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('payload_too_large', `The body exceeds ${maxBytes / 1024} KiB.`)
}
