import { timingSafeEqual } from 'node:crypto'
import { hashOpaqueToken, newOpaqueToken } from '../opaque-token.ts'

/** Lets its bearer go on with one session. The token goes to the client, the hash to the books. */
export interface ResumeTicket {
  readonly token: string
  readonly hash: string
}

export function newResumeTicket(): ResumeTicket {
  const token = newOpaqueToken()
  return { token, hash: hashOpaqueToken(token) }
}

/** The tickets of one session: each is good once. */
export interface ResumeTickets {
  /**
   * Takes the token in exchange for the next ticket.
   * @returns undefined for a token that is not, or not any more, this session's
   */
  exchange(token: string): ResumeTicket | undefined
  /**
   * The client has the newest ticket: only now is the one before it used up. Until then that one
   * opens once more, since the answer to it may have been lost with the connection.
   * @returns whether that was news
   */
  arrived(): boolean
}

/**
 * @param hash of the ticket that the client is given first
 * @param hashBefore of the token that it gave for it, where it did
 */
export function createResumeTickets(hash: string, hashBefore?: string): ResumeTickets {
  let newest = hash
  let before = hashBefore
  const isOf = (known: string | undefined, asked: string): boolean =>
    known !== undefined && timingSafeEqual(Buffer.from(known), Buffer.from(asked))

  return {
    exchange(token) {
      const asked = hashOpaqueToken(token)
      if (isOf(newest, asked)) before = newest
      else if (!isOf(before, asked)) return undefined
      const ticket = newResumeTicket()
      newest = ticket.hash
      return ticket
    },
    arrived() {
      const isNews = before !== undefined
      before = undefined
      return isNews
    },
  }
}
