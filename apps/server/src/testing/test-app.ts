import type { SpeechEngine } from '@saywire/speech'
import { createScriptedEngine } from '@saywire/speech/testing'
import type { ScriptedEngine } from '@saywire/speech/testing'
import { pino } from 'pino'
import type { App } from '../app.ts'
import { createApp } from '../app.ts'
import type { Leasing } from '../billing/leasing-env.ts'
import type { StripeKeys } from '../billing/selling-env.ts'
import { readEnv } from '../env.ts'
import type { TrustProxy } from '../http/client-address.ts'
import { newId } from '../ids.ts'
import type { Operations } from '../operations/operations-env.ts'
import type { StreamLimits } from '../stream/stream-limits.ts'

/** The whole server on a free port, over a scripted speech engine. */
export interface TestApp extends App {
  readonly url: string
  readonly engine: ScriptedEngine
}

/** Tests need not wait for a heartbeat; nobody is held dead for a busy machine's sake. */
export const testLeasing: Leasing = {
  leaseMs: 60_000,
  expiryMs: 15_000,
  flushMs: 100,
  settleEveryMs: 600_000,
}

export async function startTestApp(
  databaseUrl: string,
  options: {
    readonly allowedOrigins?: readonly string[]
    /** Speaks in place of the scripted engine. */
    readonly speech?: SpeechEngine
    readonly streamLimits?: Partial<StreamLimits>
    readonly dashboardDir?: string
    /** Default: this machine only. */
    readonly host?: string
    readonly loginCheckMs?: number
    readonly trustProxy?: TrustProxy
    /** Default: more than any test needs. */
    readonly authRatePerMinute?: number
    /** False: other servers use the database, too. */
    readonly isDatabaseOwned?: boolean
    readonly leasing?: Partial<Leasing>
    /** Sells credit, through the fake Stripe whose keys these are. Default: buying is off. */
    readonly stripe?: StripeKeys
    /** Sells amounts that the buyer chooses, too: seconds of audio per dollar. */
    readonly secondsPerDollar?: number
    readonly operations?: Partial<Operations>
  } = {},
): Promise<TestApp> {
  const engine = createScriptedEngine()
  const app = createApp({
    database: { url: databaseUrl, isOwned: options.isDatabaseOwned ?? true },
    jwtSecret: 's'.repeat(32),
    speech: { name: 'whisper', engine: options.speech ?? engine, sessionsMax: 4 },
    startingCreditMinutes: 60,
    selling: {
      ...readEnv({ CREDITS_PER_DOLLAR: options.secondsPerDollar?.toString() }).selling,
      stripe: options.stripe,
    },
    publicUrl: undefined,
    allowedOrigins: options.allowedOrigins ?? [],
    dashboardDir: options.dashboardDir,
    trustProxy: options.trustProxy,
    authRatePerMinute: options.authRatePerMinute ?? 100_000,
    host: options.host ?? '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
    newId,
    now: Date.now,
    loginCheckMs: options.loginCheckMs,
    streamLimits: options.streamLimits ?? {},
    leasing: { ...testLeasing, ...options.leasing },
    operations: { ...readEnv({}).operations, ...options.operations },
  })
  return { ...app, engine, url: await app.listen() }
}
