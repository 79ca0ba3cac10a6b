import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSampleJoiner } from './whole-samples.ts'

test('messages of any sizes come out as the same bytes, in whole samples', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 })), (messages) => {
      const join = createSampleJoiner()
      const joined = messages.map((message) => join(Buffer.from(message)))
      const sent = Buffer.concat(messages)
      expect(joined.every((audio) => audio.byteLength % 2 === 0)).toBe(true)
      expect(Buffer.concat(joined)).toEqual(sent.subarray(0, sent.byteLength - (sent.length % 2)))
    }),
  )
})
