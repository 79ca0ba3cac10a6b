import { expect, test } from 'vitest'
import { createFinalsWaiting } from './finals-waiting.ts'

const segment = (seconds: number) => ({
  samples: new Float32Array(seconds * 16_000),
  startSample: 0,
  endSample: seconds * 16_000,
})

test('what is given up speaks once those before it have spoken, and in its turn', () => {
  const said: string[] = []
  const waiting = createFinalsWaiting(() => 0)
  const segments = [1, 2, 3, 4].map(segment)
  const done = segments.map((each, at) => waiting.add(each, () => said.push(`given up ${at}`)))
  const samplesOf = (at: number) => segments[at]?.samples ?? new Float32Array()
  expect(waiting.drop(samplesOf(1))).toBe(2000)
  expect(waiting.drop(samplesOf(2))).toBe(3000)
  expect([waiting.count, waiting.ms, said]).toEqual([2, 5000, []])
  done[0]?.()
  expect(said).toEqual(['given up 1', 'given up 2'])
  expect(waiting.drop(samplesOf(3))).toBe(4000)
  expect(said.at(-1)).toBe('given up 3')
  expect([waiting.count, waiting.drop(samplesOf(3)), said.length]).toEqual([0, 0, 3])
})

test('what waits for one that is given up itself speaks after it', () => {
  const said: string[] = []
  const waiting = createFinalsWaiting(() => 0)
  const segments = [1, 2, 3].map(segment)
  const done = segments.map((each, at) => waiting.add(each, () => said.push(`given up ${at}`)))
  for (const at of [2, 1]) waiting.drop(segments[at]?.samples ?? new Float32Array())
  done[0]?.()
  expect(said).toEqual(['given up 1', 'given up 2'])
})
