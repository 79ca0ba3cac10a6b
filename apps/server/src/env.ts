import { homedir } from 'node:os'
import { join } from 'node:path'
import { defaultDataDir } from '@saywire/speech'
import type { LevelWithSilent } from 'pino'
import { z } from 'zod'
import { JWT_SECRET_MIN_BYTES } from './accounts/access-tokens.ts'
import type { Leasing } from './billing/leasing-env.ts'
import { leasingVariables, toLeasing } from './billing/leasing-env.ts'
import type { Selling } from './billing/selling-env.ts'
import { findSellingProblems, sellingVariables, toSelling } from './billing/selling-env.ts'
import { about, address, meanings, wholeNumber } from './env-variables.ts'
import type { TrustProxy } from './http/client-address.ts'
import type { Operations } from './operations/operations-env.ts'
import { operationsVariables, toOperations } from './operations/operations-env.ts'
import type { StreamLimits } from './stream/stream-limits.ts'

const proxyNetwork = z.union([
  z.cidrv4(),
  z.cidrv6(),
  z.ipv4(),
  z.ipv6(),
  z.enum(['loopback', 'linklocal', 'uniquelocal']),
])

const variables = z.object({
  PORT: wholeNumber(0, 65_535)
    .default(3000)
    .register(meanings, about('Port of HTTP and WebSocket; 0 takes any free one.', '3000')),
  HOST: z
    .string()
    .default('127.0.0.1')
    .register(
      meanings,
      about(
        'Address to listen on. Only this machine by default, because passwords would travel in ' +
          'the clear, and then only under its own names or those in ALLOWED_ORIGINS; `0.0.0.0` ' +
          'behind a proxy that speaks TLS, or in a container.',
        '127.0.0.1',
      ),
    ),
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .register(meanings, about('`production` insists on JWT_SECRET.', 'development')),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .register(
      meanings,
      about('Least severe level that is logged; `debug` adds stack traces.', 'info'),
    ),
  DATABASE_URL: address(/^postgres(ql)?$/, 'postgresql://user:password@host:5432/saywire')
    .optional()
    .register(meanings, about('PostgreSQL ≥ 14.', 'a built-in PostgreSQL in the data folder')),
  SAYWIRE_DATA_DIR: z
    .string()
    .optional()
    .register(
      meanings,
      about('Folder of the built-in database and of generated secrets.', 'per platform'),
    ),
  SAYWIRE_MODELS_DIR: z
    .string()
    .optional()
    .register(meanings, about('Folder of speech models.', '`models` in the data folder')),
  JWT_SECRET: z
    .string()
    .refine(
      (secret) => Buffer.byteLength(secret) >= JWT_SECRET_MIN_BYTES && !/^changeme/i.test(secret),
      `must be at least ${JWT_SECRET_MIN_BYTES} random bytes: take the output of \`openssl rand -base64 48\``,
    )
    .optional()
    .register(
      meanings,
      about(
        `Signs access tokens; at least ${JWT_SECRET_MIN_BYTES} bytes.`,
        'generated in the data folder; required in production',
      ),
    ),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .transform((list) => list.filter((origin) => origin !== ''))
    .pipe(z.array(z.url({ error: 'must be origins such as https://example.org, comma-separated' })))
    .register(
      meanings,
      about('Web pages of other origins that may call the API, comma-separated.', 'none'),
    ),
  TRUST_PROXY: z
    .union(
      [
        z
          .string()
          .regex(/^(\d|10)$/)
          .transform(Number),
        z
          .string()
          .transform((list) => list.split(',').map((network) => network.trim()))
          .pipe(z.array(proxyNetwork)),
      ],
      'must be how many proxies there are, or their addresses such as 10.0.0.0/8, comma-separated',
    )
    .optional()
    .register(
      meanings,
      about(
        'Whose X-Forwarded-For and -Proto are believed: how many proxies stand before the server, ' +
          'or their addresses, comma-separated (`10.0.0.0/8`, `loopback`). Set it behind a proxy: ' +
          'limits are kept by client address.',
        'nobody’s',
      ),
    ),
  AUTH_RATE_PER_MINUTE: wholeNumber(1, 1_000_000)
    .default(10)
    .register(
      meanings,
      about('Attempts to register, log in, and so on, of one client address.', '10'),
    ),
  STARTING_CREDIT_MINUTES: wholeNumber(0, 1_000_000)
    .optional()
    .register(
      meanings,
      about('Gift to a new account, in minutes.', '60; 0 when STRIPE_SECRET_KEY is set'),
    ),
  ...leasingVariables,
  ...sellingVariables,
  ...operationsVariables,
  DEEPGRAM_API_KEY: z
    .string()
    .optional()
    .register(
      meanings,
      about('Transcribe with Deepgram.', 'transcribe with Whisper on this machine'),
    ),
  DEEPGRAM_URL: address(/^(wss?|https?)$/, 'wss://api.deepgram.com')
    .optional()
    .register(meanings, about('Another address for Deepgram.', 'wss://api.deepgram.com')),
  DEEPGRAM_MODEL: z
    .string()
    .default('nova-3')
    .register(meanings, about('Model where a client names none.', 'nova-3')),
  DEEPGRAM_MAX_SESSIONS: wholeNumber(1, 100_000)
    .default(135)
    .register(
      meanings,
      about(
        'Streams to Deepgram at once, of all sessions: the limit of your project (150 on ' +
          'pay-as-you-go) less a tenth. Several servers on one project share it.',
        '135',
      ),
    ),
  WHISPER_MODEL: z
    .string()
    .default('base.en-q8_0')
    .register(
      meanings,
      about('Speech model of this server: of Whisper or Moonshine.', 'base.en-q8_0'),
    ),
  SAYWIRE_MODEL_FILE: z
    .string()
    .optional()
    .register(
      meanings,
      about(
        'A copy of WHISPER_MODEL, or of its plain weights, on this machine, where it cannot be downloaded.',
        'none',
      ),
    ),
  WHISPER_MAX_SESSIONS: wholeNumber(1, 1000)
    .default(2)
    .register(meanings, about('Sessions at once on this machine; beyond it: `busy`.', '2')),
})

/** The server's configuration, complete. */
export interface Env {
  readonly port: number
  readonly host: string
  readonly logLevel: LevelWithSilent
  /** Undefined: the built-in PostgreSQL. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  readonly modelsDir: string
  /** Undefined: generate one and keep it in `dataDir`. */
  readonly jwtSecret: string | undefined
  readonly allowedOrigins: readonly string[]
  readonly trustProxy: TrustProxy
  readonly authRatePerMinute: number
  readonly startingCreditMinutes: number
  readonly leasing: Leasing
  readonly streamLimits: Pick<StreamLimits, 'sessionsMaxPerUser' | 'creditsLowSeconds'>
  readonly selling: Selling
  readonly operations: Operations
  /** Where browsers reach this server; undefined: where it listens. */
  readonly publicUrl: string | undefined
  readonly deepgram:
    | { apiKey: string; url: string | undefined; model: string; sessionsMax: number }
    | undefined
  readonly whisper: {
    readonly model: string
    readonly modelFile: string | undefined
    readonly sessionsMax: number
  }
}

/** The message lists every problem, one per line. */
export class EnvError extends Error {
  override readonly name = 'EnvError'
}

/**
 * Reads the configuration; an empty variable counts as unset.
 * @throws EnvError
 */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = variables
    .refine((env) => env.NODE_ENV !== 'production' || env.JWT_SECRET !== undefined, {
      path: ['JWT_SECRET'],
      error: 'must be set in production: take the output of `openssl rand -base64 48`',
      when: () => true,
    })
    .refine((env) => env.LEASE_EXPIRY_MS >= 3 * env.USAGE_FLUSH_MS, {
      path: ['LEASE_EXPIRY_MS'],
      error: 'must be at least 3 × USAGE_FLUSH_MS: one late heartbeat is not a death',
    })
    .superRefine((env, ctx) => {
      for (const [name, message] of findSellingProblems(env)) {
        ctx.addIssue({ code: 'custom', path: [name], message })
      }
    })
    .safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `  ${path[0]?.toString()} ${message}`,
    )
    throw new EnvError(['The configuration is not right:', ...new Set(problems)].join('\n'))
  }
  const env = parsed.data
  const dataDir = env.SAYWIRE_DATA_DIR ?? defaultDataDir(process.platform, homedir(), source)
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    dataDir,
    modelsDir: env.SAYWIRE_MODELS_DIR ?? join(dataDir, 'models'),
    jwtSecret: env.JWT_SECRET,
    allowedOrigins: [...env.ALLOWED_ORIGINS, ...(env.PUBLIC_URL ? [env.PUBLIC_URL] : [])].map(
      (address) => new URL(address).origin,
    ),
    // No proxy at all is nobody to be trusted.
    trustProxy: env.TRUST_PROXY === 0 ? undefined : env.TRUST_PROXY,
    authRatePerMinute: env.AUTH_RATE_PER_MINUTE,
    startingCreditMinutes: env.STARTING_CREDIT_MINUTES ?? (env.STRIPE_SECRET_KEY ? 0 : 60),
    leasing: toLeasing(env),
    streamLimits: {
      sessionsMaxPerUser: env.SESSIONS_PER_USER,
      creditsLowSeconds: env.CREDITS_LOW_SECONDS,
    },
    selling: toSelling(env),
    operations: toOperations(env),
    publicUrl: env.PUBLIC_URL,
    deepgram: env.DEEPGRAM_API_KEY
      ? {
          apiKey: env.DEEPGRAM_API_KEY,
          url: env.DEEPGRAM_URL,
          model: env.DEEPGRAM_MODEL,
          sessionsMax: env.DEEPGRAM_MAX_SESSIONS,
        }
      : undefined,
    whisper: {
      model: env.WHISPER_MODEL,
      modelFile: env.SAYWIRE_MODEL_FILE,
      sessionsMax: env.WHISPER_MAX_SESSIONS,
    },
  }
}

/** The configuration table of the README. A test fails when the two differ. */
export function envTableMarkdown(): string {
  const rows = Object.entries(variables.shape).map(([name, schema]) => {
    const { description, fallback } = meanings.get(schema) ?? about('', '')
    return `| \`${name}\` | ${description} | ${fallback} |`
  })
  return ['| variable | meaning | default |', '| --- | --- | --- |', ...rows].join('\n')
}
