import { expect, it } from 'vitest'
import type { SpendCaps } from './spend-caps.ts'
import { capsLeft, isNear, isReached, nearSentence, reachedSentence } from './spend-caps.ts'

const MINUTE = 60_000
const NONE: SpendCaps = { sessionMinutes: null, dayMinutes: null, monthMinutes: null }
const spent = { sessionMs: 5 * MINUTE, todayMs: 8 * MINUTE, monthMs: 95 * MINUTE }

it('has only the limits that the user set, the one that lasts longest first', () => {
  expect(capsLeft(NONE, spent)).toEqual([])
  expect(capsLeft({ sessionMinutes: 4, dayMinutes: 10, monthMinutes: 100 }, spent)).toEqual([
    { period: 'month', minutes: 100, leftMs: 5 * MINUTE },
    { period: 'day', minutes: 10, leftMs: 2 * MINUTE },
    { period: 'session', minutes: 4, leftMs: -MINUTE },
  ])
})

it('warns at four fifths, and is reached when less than a second is left', () => {
  const left = (leftMs: number) => ({ period: 'day', minutes: 10, leftMs }) as const
  expect([2 * MINUTE + 1, 2 * MINUTE].map((ms) => isNear(left(ms)))).toEqual([false, true])
  expect([1000, 999, -1].map((ms) => isReached(left(ms)))).toEqual([false, true, true])
})

it('says which limit it is and what to do about it', () => {
  expect(reachedSentence({ period: 'day', minutes: 60, leftMs: 0 })).toBe(
    'Your limit of 60 minutes of cloud captions a day is reached: raise it under Limits in the settings, or wait for tomorrow.',
  )
  expect(nearSentence({ period: 'month', minutes: 60, leftMs: 11.2 * MINUTE })).toBe(
    'You have about 12 minutes left of your limit of 60 minutes of cloud captions a month.',
  )
})
