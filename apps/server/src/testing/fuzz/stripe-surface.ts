import { signEvent } from '../../billing/testing/fake-stripe-delivery.ts'
import { STRIPE_WEBHOOK_PATH } from '../../billing/stripe-webhook.ts'
import { exchangeHttp } from './http-exchange.ts'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import type { FuzzTarget, Surface } from './surface.ts'
import { judgeAnswer, randomAddress } from './surface.ts'

/** Each of these may ask Stripe something. */
const AT_ONCE = 6

/** Events: most of them signed, as if Stripe itself sent nonsense; the others with odd signatures. */
export const stripeSurface: Surface = {
  name: 'stripe',
  async run(target, { cases, random, witness }) {
    let left = cases
    await exchangeHttp(
      target.url,
      AT_ONCE,
      () => (left-- > 0 ? oddEvent(random, target) : undefined),
      judgeAnswer(witness),
    )
  },
}

function oddEvent(random: Random, { stripe, url }: FuzzTarget) {
  const event = random.pick(stripe.events)
  const body = mutateJson(random, event)
  const text = body.toString('utf8')
  const isText = Buffer.from(text).equals(body)
  const right = isText ? signEvent(text, stripe.secret) : `t=${Math.floor(Date.now() / 1000)},v1=00`
  const signature = random.chance(0.85) ? right : oddSignature(random, right)
  const lines = [
    `POST ${STRIPE_WEBHOOK_PATH} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `X-Forwarded-For: ${randomAddress(random)}`,
    'Content-Type: application/json',
    ...(signature === undefined ? [] : [`Stripe-Signature: ${signature}`]),
    `Content-Length: ${body.length}`,
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return { bytes: Buffer.concat([head, body]), isHead: false, isBroken: false }
}

function oddSignature(random: Random, right: string): string | undefined {
  return random.pick([
    undefined,
    '',
    'v1=',
    't=,v1=',
    't=NaN,v1=00',
    't=1e999,v1=00',
    't=99999999999999,v1=00',
    `${right},${right}`,
    right.replace('v1', 'v0'),
    right.slice(0, -1),
    `t=-1,${'v1=00,'.repeat(2000)}`,
    '\u00e9'.repeat(100),
    right.toUpperCase(),
  ])
}
