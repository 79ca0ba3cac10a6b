import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import { sendError, sendJson } from '../http/answers.ts'
import { readBody } from '../http/json-body.ts'
import { trailOf } from '../operations/request-log.ts'
import type { Purchases } from './purchases.ts'
import type { StripeGateway } from './stripe-gateway.ts'

export type StripeWebhook = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export const STRIPE_WEBHOOK_PATH = '/webhooks/stripe'
/** Far above any event that is used here. */
const EVENT_MAX_BYTES = 1024 * 1024

/**
 * Takes Stripe's events. 200 means that the event is committed, or of no interest; Stripe sends
 * again, for days, what got any other answer. The signature, not the caller's origin, is the proof.
 */
export function createStripeWebhook(deps: {
  readonly gateway: Pick<StripeGateway, 'readEvent'>
  readonly purchases: Purchases
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
}): StripeWebhook {
  const { gateway, purchases } = deps

  return async (req, res) => {
    const { log } = trailOf(req) ?? deps
    const body = await readBody(req, EVENT_MAX_BYTES)
    const signature = req.headers['stripe-signature']
    const event = gateway.readEvent(body, typeof signature === 'string' ? signature : undefined)
    const { id, type, fact, declined } = event
    if (declined) log.info({ event: id, ...declined }, 'a payment was declined')
    try {
      const outcome = fact
        ? await purchases.record(fact, { id, type, requestId: trailOf(req)?.id })
        : 'ignored'
      log.debug({ event: id, type, outcome }, 'Stripe event')
    } catch (error) {
      log.error({ err: error, event: id, type }, 'Stripe event failed; Stripe will send it again')
      return sendError(res, {
        code: 'internal',
        message: 'The event could not be recorded. Send it again.',
      })
    }
    sendJson(res, 200, { received: true })
  }
}

/** In place of the webhook where no Stripe keys are set. */
export const refuseEvents: StripeWebhook = async () => {
  throw new AppError('buying_off', 'This server has no Stripe keys.')
}
