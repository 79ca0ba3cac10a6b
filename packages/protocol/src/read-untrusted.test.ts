import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseJson, readUntrusted } from './read-untrusted.ts'
import { clientMessageSchema } from './transcribe-messages.ts'

const short = z.object({ name: z.string().min(1).max(9) })

test('reads JSON, and nothing of what is none', () => {
  expect([parseJson('{"a":[1]}'), parseJson('null')]).toEqual([{ a: [1] }, null])
  expect([parseJson(''), parseJson('{"a":'), parseJson('undefined')]).toEqual(
    Array(3).fill(undefined),
  )
})

test('reads what fits, and tells of what does not', () => {
  expect(readUntrusted(short, { name: 'a' })).toEqual({ success: true, data: { name: 'a' } })
  expect(readUntrusted(short, { name: '' }).error?.issues[0]?.path).toEqual(['name'])
})

test.each([{ length: { valueOf: 0, toString: 0 } }, { length: Object.create(null) as unknown }])(
  'refuses %j, of which no length can be made',
  (name) => {
    expect(readUntrusted(short, { name }).success).toBe(false)
    expect(readUntrusted(clientMessageSchema, { type: 'auth', token: name }).success).toBe(false)
  },
)
