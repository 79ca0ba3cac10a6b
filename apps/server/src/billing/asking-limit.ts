import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Bounds how often one user makes a process ask Stripe, whose own limit all buyers share. */
export interface AskingLimit {
  /**
   * Counts a question to Stripe.
   * @returns 0 where it may be asked, otherwise how long the user has to wait, in ms
   */
  countQuestion(userId: string): Promise<number>
}

/** A success page that waits for a bank asks 30 times a minute. */
const QUESTIONS_PER_MINUTE = 60

export function createAskingLimit(): AskingLimit {
  const limiter = new RateLimiterMemory({ points: QUESTIONS_PER_MINUTE, duration: 60 })
  return {
    async countQuestion(userId) {
      try {
        await limiter.consume(userId)
        return 0
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        return Math.max(1, refusal.msBeforeNext)
      }
    },
  }
}
