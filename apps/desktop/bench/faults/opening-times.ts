import type { SpeechEngine } from '@saywire/speech'
import { createManagedEngine } from '@saywire/speech/managed'
import { startTcpCutter } from '@saywire/speech/testing'
import type { FaultStage } from './fault-stage.ts'

/** One session that was opened, be it anew or resumed; times by performance.now(). */
export interface Opening {
  readonly begunAtMs: number
  readonly readyAtMs: number
}

/** The same engine; notes each session that it opens. */
export function timeOpenings(engine: SpeechEngine, openings: Opening[]): SpeechEngine {
  return {
    ...engine,
    async open(options, signal) {
      const begunAtMs = performance.now()
      const session = await engine.open(options, signal)
      openings.push({ begunAtMs, readyAtMs: performance.now() })
      return session
    },
  }
}

const CREDIT_MS = 600_000

/**
 * What opening so many sessions at once takes on this machine as it is now: users who have never
 * been there, at a server that nothing befalls.
 * @returns of each, ms; infinite where it was refused, or took longer than anybody waits
 */
export async function measureFreshOpenings(stage: FaultStage, count: number): Promise<number[]> {
  const { backstage } = stage
  const openings: Opening[] = []
  let address = 0
  // One address each: the server limits how many strangers come from one.
  await using network = await startTcpCutter(() => ({
    port: stage.steadyPort(),
    localAddress: `127.0.200.${1 + (address += 1)}`,
  }))
  const ids = await Promise.all(
    Array.from({ length: count }, async () => backstage.addUser(CREDIT_MS)),
  )
  const opened = await Promise.allSettled(
    ids.map(async (userId) => {
      const engine = createManagedEngine({
        serverUrl: `http://127.0.0.1:${network.port}`,
        getToken: async () => backstage.issueToken(userId),
      })
      const config = { interim_results: true, model: 'nova-3' }
      return timeOpenings(engine, openings).open({ config }, new AbortController().signal)
    }),
  )
  const sessions = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  await Promise.all(sessions.map(async (session) => session.close()))
  const failed = opened.length - sessions.length
  return [
    ...openings.map(({ begunAtMs, readyAtMs }) => readyAtMs - begunAtMs),
    ...Array.from({ length: failed }, () => Number.POSITIVE_INFINITY),
  ]
}

/** @returns the value below which this share of them is, between 0 and 1; NaN where there is none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(share * (sorted.length - 1))] ?? Number.NaN
}
