import type { LevelWithSilent, Logger } from 'pino'
import { pino } from 'pino'

/** What never reaches a log, at the top of a record or up to two levels down. */
const SECRETS = [
  'token',
  'access_token',
  'refresh_token',
  'password',
  'authorization',
  'cookie',
  'stripe-signature',
  'api_key',
  'apiKey',
  'audio',
  'text',
]

export interface LogOptions {
  readonly level: LevelWithSilent
  /** Lines for people instead of JSON. */
  readonly readable: boolean
  readonly write: (line: string) => void
}

/** One JSON record per line, without secrets, what people said, or (above `debug`) stack traces. */
export function createLogger({ level, readable, write }: LogOptions): Logger {
  const withStack = level === 'debug' || level === 'trace'
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[redacted]',
      },
      serializers: { err: (error: unknown) => describe(error, withStack) },
    },
    { write: readable ? (line) => write(toReadable(line)) : write },
  )
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
