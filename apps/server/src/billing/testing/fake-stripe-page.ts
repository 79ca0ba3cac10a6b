import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FakeSession } from './fake-stripe-state.ts'
import type { FakeStripeActions } from './fake-stripe-actions.ts'

/** The page that a buyer pays on: GET shows it; its buttons post, and lead back to the shop. */
export function servePage(
  req: IncomingMessage,
  res: ServerResponse,
  session: FakeSession,
  actions: FakeStripeActions,
): void {
  const action = new URL(req.url ?? '/', 'http://localhost').searchParams.get('do')
  if (req.method !== 'POST') return showPage(res, session)
  if (action === 'cancel') return redirect(res, session.cancelUrl)
  actions.pay(session.id, action === 'bank' ? 'bank' : 'card')
  redirect(res, session.successUrl.replace('{CHECKOUT_SESSION_ID}', session.id))
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(303, { location }).end()
}

function showPage(res: ServerResponse, { status, amountCents, label }: FakeSession): void {
  const price = `$${(amountCents / 100).toFixed(2)}`
  const buttons =
    status === 'open'
      ? `<form method="post" action="?do=card"><button>Pay ${price}</button></form>
         <form method="post" action="?do=bank"><button>Pay by bank debit</button></form>
         <form method="post" action="?do=cancel"><button>Cancel</button></form>`
      : `<p>This checkout is ${status}.</p>`
  res
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(
      `<!doctype html><html lang="en"><title>Fake Stripe</title><h1>${label}</h1>${buttons}</html>`,
    )
}
