import { expect, test } from 'vitest'
import { describeEndReason } from './end-reason.ts'

test('a reason is told in words, one that this page does not know included', () => {
  expect(describeEndReason('insufficient_credits')).toBe('Credit used up')
  expect(describeEndReason('moved_elsewhere')).toBe('moved elsewhere')
  expect(describeEndReason('toString')).toBe('toString')
})

test('a session that runs has no reason', () => {
  expect(describeEndReason(null)).toBe('')
})
