import { createHash, randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import { isObject } from './fake-obs-requests.ts'

export const OP = {
  hello: 0,
  identify: 1,
  identified: 2,
  reidentify: 3,
  event: 5,
  request: 6,
  answer: 7,
}

/** Why obs-websocket closes a connection. */
export const CLOSE = {
  decodeError: 4002,
  missingField: 4003,
  invalidFieldType: 4004,
  unknownOp: 4006,
  notIdentified: 4007,
  alreadyIdentified: 4008,
  authenticationFailed: 4009,
  unsupportedRpcVersion: 4010,
  sessionInvalidated: 4011,
}

/** Bits of `eventSubscriptions`. */
export const INTENT = { config: 1 << 1, inputs: 1 << 3, outputs: 1 << 6 }
/** What a client gets that asks for nothing special: all but the high-volume events. */
export const ALL_INTENTS = 0x7ff

export const JSON_PROTOCOL = 'obswebsocket.json'

export function send(socket: WebSocket, op: number, d: object): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ op, d }))
}

/** Undefined where it is no JSON object. */
export function parse(text: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(text)
    return isObject(message) ? message : undefined
  } catch {
    return undefined
  }
}

/** What a client that knows the password answers to the challenge. */
export function authenticationOf(password: string, salt: string, challenge: string): string {
  return sha256(sha256(password + salt) + challenge)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

export function newSalt(): string {
  return randomBytes(32).toString('base64')
}
