import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { recoveryFrom, returnDelay } from './recovery.ts'

describe('who was sent away by an administrator', () => {
  for (const code of ['account_blocked', 'ended_by_operator'] as const) {
    const error = new SpeechError(code, 'Sent away.', { retryAfterMs: 600_000 })

    it(`is not back at once (${code})`, () => {
      expect(recoveryFrom(error, 1, false)).toEqual({ do: 'give-up' })
      expect(recoveryFrom(error, 1, true)).toEqual({ do: 'fall-back' })
    })

    it(`tries again no sooner than the server said, while another engine speaks (${code})`, () => {
      expect(returnDelay(error, 0).minMs).toBe(600_000)
    })
  }
})
