import type { OnHttpAnswer } from './http-exchange.ts'
import type { Random } from './random.ts'
import type { Witness } from './witness.ts'

/** A server to be sent nonsense, and what is known of it. */
export interface FuzzTarget {
  /** It believes one proxy: each case comes from an address of its own. */
  readonly url: string
  /** @returns an access token of a user with credit who may run another session */
  newToken(): Promise<string>
  /** A cookie of the same kind of user. */
  readonly cookie: string
  readonly stripe: {
    readonly secret: string
    /** Real ones, of purchases that this server began. */
    readonly events: readonly object[]
  }
  /** Stands where users have their passwords: no answer and no log may repeat it. */
  readonly password: string
}

/** One place at which strangers' bytes come in. */
export interface Surface {
  readonly name: string
  run(target: FuzzTarget, options: SurfaceOptions): Promise<void>
}

export interface SurfaceOptions {
  readonly cases: number
  readonly random: Random
  readonly witness: Witness
}

/** So many at once: more than a server of two cores can answer at a time. */
export const AT_ONCE = 12

/** Runs `work`, which is so many cases each time, until all cases are done; several at once. */
export async function runCases(
  cases: number,
  casesPerWork: number,
  work: () => Promise<void>,
): Promise<void> {
  let left = cases
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= casesPerWork
        await work()
      }
    }),
  )
}

export function randomAddress(random: Random): string {
  return `10.${random.int(256)}.${random.int(256)}.${random.int(256)}`
}

/** Not where the server, or its database, says that it has too much to do: that is no fault of its. */
function isFault(status: number, body: string): boolean {
  if (status < 500) return false
  return !(status === 503 && /"code":"(busy|unavailable)"|"status":"degraded"/.test(body))
}

/** Tells the witness what a request over HTTP got, and what of it the server should not have done. */
export function judgeAnswer(witness: Witness): OnHttpAnswer {
  return (sent, answer) => {
    const status = String(answer?.status ?? 'hung up')
    witness.saw(status, answer ? answer.head + answer.body : '', sent.bytes)
    if (!answer && !sent.isBroken) witness.complain('hung up on a whole request', sent.bytes)
    if (answer && isFault(answer.status, answer.body)) {
      witness.complain(`${answer.status} ${answer.body.slice(0, 200)}`, sent.bytes)
    }
  }
}
