import type { Env } from './env.ts'

/** The values of the configuration that no log may hold. */
export function secretsOf(env: Env): string[] {
  const { stripe } = env.selling
  const password = env.databaseUrl === undefined ? '' : new URL(env.databaseUrl).password
  return [
    env.jwtSecret ?? '',
    env.deepgram?.apiKey ?? '',
    env.operations.metricsToken ?? '',
    stripe?.secretKey ?? '',
    ...(stripe?.webhookSecrets ?? []),
    ...Object.values(env.operations.tracing?.headers ?? {}),
    password,
    decodeURIComponent(password),
  ].filter((secret) => secret !== '')
}
