import type { Logger } from 'pino'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { StripeGateway } from './stripe-gateway.ts'

/**
 * A Stripe customer for every account, made in the background: registration neither waits for
 * Stripe nor fails with it.
 */
export interface StripeCustomers {
  /**
   * The user's customer, made now where there is none.
   * @returns `cus_…`
   * @throws AppError `unavailable`
   */
  ensure(userId: string): Promise<string>
  /**
   * A new customer for a user whose own Stripe does not know: it was deleted, or made with the key
   * of another account or mode.
   * @returns `cus_…`
   * @throws AppError `unavailable`
   */
  replace(userId: string, unknownId: string): Promise<string>
  /** Begins to look for accounts without a customer, also those that an earlier run left behind. */
  start(): void
  /** Somebody has registered: look now. Never throws. */
  wake(): void
  /** Does not wait for what Stripe has been asked: asked again, it gives the same answer. */
  stop(): void
}

export interface StripeCustomersDeps {
  readonly prisma: PrismaClient
  readonly gateway: Pick<StripeGateway, 'createCustomer'>
  readonly log: Pick<Logger, 'warn'>
  readonly delays?: SweepDelays
}

/** When accounts are looked for again, in ms. */
export interface SweepDelays {
  /** After the first failure; doubled with each further one, up to `idleMs`. */
  readonly retryMs: number
  /** While all is well: another process may have died before its accounts got their customer. */
  readonly idleMs: number
}
const DELAYS: SweepDelays = { retryMs: 1000, idleMs: 300_000 }
const PAGE = 50

interface AccountRow {
  readonly id: string
  readonly email: string
}

export function createStripeCustomers(deps: StripeCustomersDeps): StripeCustomers {
  const { prisma, gateway, log, delays = DELAYS } = deps
  let running: Promise<void> | undefined
  let wokenMeanwhile = false
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let isStopped = true

  async function create({ id, email }: AccountRow, insteadOf?: string): Promise<string> {
    // Asked for by two processes at once, Stripe makes one: the user's id is the idempotency key.
    const stripeCustomerId = await gateway.createCustomer({
      id,
      email,
      ...(insteadOf && { insteadOf }),
    })
    await prisma.user.update({ where: { id }, data: { stripeCustomerId } })
    return stripeCustomerId
  }

  /** @returns how many accounts have to be tried again */
  async function sweep(): Promise<number> {
    let failed = 0
    let after = ''
    for (;;) {
      const users = await prisma.user.findMany({
        where: { stripeCustomerId: null, id: { gt: after } },
        select: { id: true, email: true },
        orderBy: { id: 'asc' },
        take: PAGE,
      })
      for (const user of users) {
        if (isStopped) return failed
        await create(user).catch((error: unknown) => {
          failed++
          if (failed === 1 && !isStopped)
            log.warn({ err: error, user: user.id }, 'no Stripe customer yet')
        })
        after = user.id
      }
      // A page of failures only: Stripe is away, and the rest would fare no better.
      if (users.length < PAGE || failed >= PAGE) return failed
    }
  }

  async function run(): Promise<void> {
    const failed = await sweep().catch((error: unknown) => {
      if (!isStopped) log.warn({ err: error }, 'cannot look for accounts without a Stripe customer')
      return 1
    })
    failures = failed > 0 ? failures + 1 : 0
  }

  function begin(): void {
    clearTimeout(timer)
    if (isStopped) return
    if (running) {
      wokenMeanwhile = true
      return
    }
    wokenMeanwhile = false
    running = run().finally(() => {
      running = undefined
      const retryMs = Math.min(delays.retryMs * 2 ** (failures - 1), delays.idleMs)
      if (wokenMeanwhile && failures === 0) begin()
      else if (!isStopped) timer = setTimeout(begin, failures > 0 ? retryMs : delays.idleMs).unref()
    })
  }

  return {
    async ensure(userId) {
      const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } })
      return user.stripeCustomerId ?? (await create(user))
    },
    async replace(userId, unknownId) {
      const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } })
      const { stripeCustomerId } = user
      // Another request was quicker.
      if (stripeCustomerId !== null && stripeCustomerId !== unknownId) return stripeCustomerId
      return create(user, unknownId)
    },
    start() {
      isStopped = false
      begin()
    },
    wake() {
      // While Stripe is away, registrations must not shorten the wait.
      if (failures === 0) begin()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
