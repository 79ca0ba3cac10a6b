import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { NewId } from '../ids.ts'
import { createAskingLimit } from './asking-limit.ts'
import type { Checkout } from './checkout.ts'
import { createCheckout } from './checkout.ts'
import type { Ledger } from './ledger.ts'
import { describeMargin, marginMicros, offersToJudge } from './margins.ts'
import { offerOfPackage } from './packages.ts'
import { createPurchases } from './purchases.ts'
import type { Selling, StripeKeys } from './selling-env.ts'
import { createStripeCustomers } from './stripe-customers.ts'
import { createStripeGateway } from './stripe-gateway.ts'
import type { StripeWebhook } from './stripe-webhook.ts'
import { createStripeWebhook, refuseEvents } from './stripe-webhook.ts'

/** Everything that is for sale, and the ways in which money comes in. */
export interface Shop extends Checkout {
  readonly isOpen: boolean
  readonly packages: Selling['packages']
  readonly custom: Selling['custom']
  readonly webhook: StripeWebhook
  /** Says in the log what is sold and at which margin, and begins the work in the background. */
  start(): void
  /** For accounts.register: an account wants its Stripe customer. */
  noticeRegistration(): void
  stop(): void
}

export interface ShopDeps {
  readonly selling: Selling
  readonly prisma: PrismaClient
  readonly ledger: Ledger
  readonly publicUrl: () => string
  readonly newId: NewId
  readonly now: () => number
  readonly log: Logger
}

/** Open where Stripe keys are set; otherwise it shows the packs and refuses to sell. */
export function createShop(deps: ShopDeps): Shop {
  const { selling } = deps
  return selling.stripe ? openShop(deps, selling.stripe) : closedShop(deps)
}

function openShop(deps: ShopDeps, keys: StripeKeys): Shop {
  const { selling, prisma, ledger, newId, now, log, publicUrl } = deps
  const { packages, custom } = selling
  const gateway = createStripeGateway(keys)
  const customers = createStripeCustomers({ prisma, gateway, log })
  const { isLive, findPurchaseId } = gateway
  const purchases = createPurchases({ prisma, ledger, findPurchaseId, isLive, log, now })
  const checkout = createCheckout({
    prisma,
    gateway,
    customers,
    purchases,
    limit: createAskingLimit(),
    packages,
    custom,
    publicUrl,
    newId,
    log,
  })
  return {
    ...checkout,
    isOpen: true,
    packages,
    custom,
    webhook: createStripeWebhook({ gateway, purchases, log }),
    start() {
      if (isLive) log.info('credit is sold through Stripe, for real money')
      else log.warn('credit is sold through Stripe in test mode: test cards buy it for nothing')
      logMargins(selling, log)
      customers.start()
    },
    noticeRegistration: customers.wake,
    stop: customers.stop,
  }
}

function logMargins({ packages, custom, costs }: Selling, log: Logger): void {
  for (const offer of offersToJudge(packages.map(offerOfPackage), custom)) {
    const line = describeMargin(offer, costs)
    if (marginMicros(offer, costs) < 0) log.warn(`sold at a loss: ${line}`)
    else log.info(line)
  }
}

function closedShop({ selling, log }: ShopDeps): Shop {
  const refuse = async (): Promise<never> => {
    throw new AppError('buying_off', 'This server does not sell credit. Ask who runs it for some.')
  }
  return {
    isOpen: false,
    packages: selling.packages,
    custom: selling.custom,
    begin: refuse,
    verify: refuse,
    webhook: refuseEvents,
    start() {
      const way = 'grant credit with `saywire-server credits grant <email> <minutes>`'
      log.info(`buying is off: no STRIPE_SECRET_KEY is set; ${way}`)
    },
    noticeRegistration: () => undefined,
    stop: () => undefined,
  }
}
