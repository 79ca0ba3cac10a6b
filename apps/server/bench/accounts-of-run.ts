import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import type { BenchDatabase } from './database.ts'
import { readCharges } from './database.ts'
import type { Attempt } from './speaker.ts'
import type { Stage } from './stage.ts'
import { until } from './stage.ts'

/** What sessions were charged against what Deepgram received of them, ms. */
export interface Accounts {
  readonly sessions: number
  readonly receivedMs: number
  readonly chargedMs: number
  /** Of sessions that were charged more than was received. */
  readonly overchargedMs: number
  /** Received and not charged: of sessions that ended in order, and of those that were cut off. */
  readonly orderlyLossMs: readonly number[]
  readonly cutOffLossMs: readonly number[]
  /** Charged to sessions that no client ever heard of. */
  readonly unknownMs: number
  readonly wrongBooks: readonly Record<string, unknown>[]
  readonly heldMs: number
}

/** Waits until Deepgram's streams are over and no lease is left, for as long as is promised. */
export async function settleAll(stage: Stage, expiryMs: number): Promise<void> {
  await until(() => stage.deepgram.openCount === 0, 10_000)
  await until(async () => (await activeLeases(stage.database)) === 0, expiryMs + 5000)
}

/** @param attempts all that were made in this part of the run */
export async function account(
  stage: Stage,
  attempts: readonly Attempt[],
  before: ReadonlyMap<string, number>,
): Promise<Accounts> {
  const { database } = stage
  const charges = await readCharges(database)
  const sessions = attempts.flatMap(({ tag, sessionId, usedMs, error }) => {
    if (sessionId === undefined) return []
    const chargedMs = charges.get(sessionId) ?? 0
    charges.delete(sessionId)
    return [
      {
        chargedMs,
        receivedMs: stage.receivedMs(tag),
        isOrderly: usedMs !== undefined && error !== 'lease_lost',
      },
    ]
  })
  for (const sessionId of before.keys()) charges.delete(sessionId)
  const lossOf = (session: (typeof sessions)[number]) => session.receivedMs - session.chargedMs
  const losses = (isOrderly: boolean) =>
    sessions.filter((session) => session.isOrderly === isOrderly).map(lossOf)
  const [held] = await database.query('SELECT sum(held_ms) AS ms FROM credit_balance')
  return {
    sessions: sessions.length,
    receivedMs: sum(sessions.map(({ receivedMs }) => receivedMs)),
    chargedMs: sum(sessions.map(({ chargedMs }) => chargedMs)),
    overchargedMs: sum(sessions.map((session) => Math.max(0, -lossOf(session)))),
    orderlyLossMs: losses(true),
    cutOffLossMs: losses(false),
    unknownMs: sum([...charges.values()]),
    wrongBooks: await unbalancedUsers(database),
    heldMs: Number(held?.['ms'] ?? 0),
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

export function max(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

async function activeLeases({ query }: Pick<BenchDatabase, 'query'>): Promise<number> {
  const [row] = await query(`SELECT count(*) AS n FROM leases WHERE state = 'active'`)
  return Number(row?.['n'])
}
