import type { Settings } from '../settings/settings.ts'

/** What the user allows cloud engines to be sent, minutes; null is without a limit. */
export type SpendCaps = Settings['spendCaps']

/** Audio that cloud engines have accepted, ms. */
export interface Spent {
  readonly sessionMs: number
  readonly todayMs: number
  readonly monthMs: number
}

export type CapPeriod = 'session' | 'day' | 'month'

/** Longest first: where two are reached, the one that lasts is named. */
const PERIODS = ['month', 'day', 'session'] as const satisfies readonly CapPeriod[]
const MS_PER_MINUTE = 60_000
/** Warned of in the last fifth. */
const NEAR_PARTS = 5
/** Less than this is not worth a connection. */
const NOTHING_LEFT_MS = 1000

export interface Cap {
  readonly period: CapPeriod
  readonly minutes: number
  readonly leftMs: number
}

/** The caps that there are, longest period first, with what each still allows. Pure. */
export function capsLeft(caps: SpendCaps, spent: Spent): Cap[] {
  const minutesOf = { session: caps.sessionMinutes, day: caps.dayMinutes, month: caps.monthMinutes }
  const spentIn = { session: spent.sessionMs, day: spent.todayMs, month: spent.monthMs }
  return PERIODS.flatMap((period) => {
    const minutes = minutesOf[period]
    if (minutes === null) return []
    return [{ period, minutes, leftMs: minutes * MS_PER_MINUTE - spentIn[period] }]
  })
}

export function isReached({ leftMs }: Cap): boolean {
  return leftMs < NOTHING_LEFT_MS
}

export function isNear({ leftMs, minutes }: Cap): boolean {
  return leftMs * NEAR_PARTS <= minutes * MS_PER_MINUTE
}

const WHOSE = { session: 'a session', day: 'a day', month: 'a month' } as const
const UNTIL = {
  session: 'or start a new session',
  day: 'or wait for tomorrow',
  month: 'or wait for next month',
} as const

/** Which limit it is, and what to do. */
export function reachedSentence({ period, minutes }: Cap): string {
  return `Your limit of ${inWords(minutes)} of cloud captions ${WHOSE[period]} is reached: raise it under Limits in the settings, ${UNTIL[period]}.`
}

export function nearSentence({ period, minutes, leftMs }: Cap): string {
  const left = inWords(Math.max(1, Math.ceil(leftMs / MS_PER_MINUTE)))
  return `You have about ${left} left of your limit of ${inWords(minutes)} of cloud captions ${WHOSE[period]}.`
}

function inWords(minutes: number): string {
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
