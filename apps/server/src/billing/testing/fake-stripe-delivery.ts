import { createHmac } from 'node:crypto'
import type { FakeEvent } from './fake-stripe-state.ts'

/** How events reach the webhook on their own. */
export interface DeliveryPlan {
  /** How late, in ms; default 0. */
  readonly delayMs?: number
  /** How often each is sent, at once; default 1, 0 drops it. */
  readonly copies?: number
}

/** Value of the `stripe-signature` header. @param atMs when it was signed; epoch */
export function signEvent(body: string, secret: string, atMs = Date.now()): string {
  const seconds = Math.floor(atMs / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${digest}`
}

/** Sends one event once. @returns the status that the webhook answered */
export async function sendEvent(
  webhookUrl: string,
  event: FakeEvent,
  secret: string,
): Promise<number> {
  const body = JSON.stringify(event)
  const response = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signEvent(body, secret) },
    body,
  })
  await response.text()
  return response.status
}

/** Delivers each event as planned, and again while the answer is not 2xx, as Stripe does. */
export function createDelivery(secret: string) {
  const RETRY_MS = 200
  let isClosed = false
  let target: { readonly url: string; readonly plan: DeliveryPlan } | undefined
  const timers = new Set<NodeJS.Timeout>()

  function schedule(url: string, event: FakeEvent, delayMs: number): void {
    if (isClosed) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      const again = (): void => schedule(url, event, RETRY_MS)
      sendEvent(url, event, secret).then((status) => {
        if (status < 200 || status > 299) again()
      }, again)
    }, delayMs)
    timers.add(timer)
  }

  return {
    sendTo(url: string, plan: DeliveryPlan = {}): void {
      target = { url, plan }
    },
    deliver(event: FakeEvent): void {
      if (!target) return
      const { delayMs = 0, copies = 1 } = target.plan
      for (let copy = 0; copy < copies; copy++) schedule(target.url, event, delayMs)
    },
    close(): void {
      isClosed = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
