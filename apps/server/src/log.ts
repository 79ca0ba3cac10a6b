import type { LevelWithSilent, Logger } from 'pino'
import { pino } from 'pino'

/** Fields that never reach a log, at any depth and in any case. */
const SECRETS: readonly string[] = [
  'token',
  'access_token',
  'accesstoken',
  'refresh_token',
  'refreshtoken',
  'resume_token',
  'csrf_token',
  'csrftoken',
  'x-csrf-token',
  'password',
  'password_hash',
  'passwordhash',
  'authorization',
  'cookie',
  'set-cookie',
  'stripe-signature',
  'api_key',
  'apikey',
  'secret',
  'connectionstring',
  'audio',
  'text',
  'transcript',
  'words',
]
const CENSORED = '[redacted]'
/** Most lines have none of them, and need not be read again. */
const SECRET_FIELD = new RegExp(`"(${SECRETS.join('|')})":`, 'i')
/** A shorter value would blot out what only looks like it. */
const SECRET_MIN_LENGTH = 8

export interface LogOptions {
  readonly level: LevelWithSilent
  /** Lines for people instead of JSON. */
  readonly readable: boolean
  readonly write: (line: string) => void
  /** Values that no line may hold, wherever they came from: an error's message, a URL. */
  readonly secrets?: readonly string[]
}

/** One JSON record per line, without secrets, what people said, or (above `debug`) stack traces. */
export function createLogger({ level, readable, write, secrets = [] }: LogOptions): Logger {
  const withStack = level === 'debug' || level === 'trace'
  // As a line of JSON holds them.
  const values = secrets
    .filter((secret) => secret.length >= SECRET_MIN_LENGTH)
    .map((secret) => JSON.stringify(secret).slice(1, -1))
  const writeClean = (line: string): void => {
    let clean = withoutSecrets(line)
    for (const value of values) clean = clean.replaceAll(value, CENSORED)
    write(readable ? toReadable(clean) : clean)
  }
  return pino(
    {
      level,
      base: null,
      serializers: { err: (error: unknown) => describe(error, withStack) },
    },
    { write: writeClean },
  )
}

/**
 * The record without what must not be logged. On the finished line, because only there everything is
 * the same: bindings of children, objects of classes, whatever depth.
 */
function withoutSecrets(line: string): string {
  if (!SECRET_FIELD.test(line)) return line
  const record: unknown = JSON.parse(line, (name, value: unknown) =>
    SECRETS.includes(name.toLowerCase()) ? CENSORED : value,
  )
  return `${JSON.stringify(record)}\n`
}

function describe(error: unknown, withStack: boolean): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) }
  return {
    type: error.name,
    message: withStack ? error.message : withoutSource(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...(withStack ? { stack: error.stack } : {}),
    ...(error.cause === undefined ? {} : { cause: describe(error.cause, withStack) }),
  }
}

/** Prisma's messages show the source around the call; what went wrong is their last line. */
function withoutSource(message: string): string {
  const isPrismas = /^\s*Invalid `.*` invocation/.test(message)
  return isPrismas ? (message.trim().split('\n').at(-1) ?? '') : message
}

function toReadable(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>
  const clock = new Date(Number(time)).toTimeString().slice(0, 8)
  const details = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''
  return `${clock} ${pino.levels.labels[Number(level)]} ${typeof msg === 'string' ? msg : ''}${details}\n`
}
