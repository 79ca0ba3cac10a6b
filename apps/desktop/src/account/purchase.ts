import type { AccountView } from '../api/desktop-state.ts'

const ASK_EVERY_MS = 10_000
/** Somebody who has not paid by then closed the page; credit that comes later is seen anyway. */
const GIVE_UP_MS = 60 * 60_000

export type PurchaseStatus = 'paid' | 'pending' | 'failed' | 'expired'

export interface PurchaseWatchDeps {
  /** How a checkout stands. May reject: it is asked again. */
  verify(checkoutSessionId: string): Promise<PurchaseStatus>
  publish(purchase: AccountView['purchase']): void
  readonly askEveryMs?: number
}

export interface PurchaseWatch {
  /** A payment page was opened. */
  begin(checkoutUrl: string): void
  /** Credit came in: from this purchase, or from somewhere else. */
  creditCame(): void
  close(): void
}

/** Notices what becomes of a purchase that is made in the browser. */
export function createPurchaseWatch(deps: PurchaseWatchDeps): PurchaseWatch {
  const { publish, askEveryMs = ASK_EVERY_MS } = deps
  let waiting: { readonly id: string | undefined; readonly endsAtMs: number } | undefined
  let timer: NodeJS.Timeout | undefined

  function end(purchase: AccountView['purchase']): void {
    clearInterval(timer)
    waiting = undefined
    publish(purchase)
  }

  async function ask(): Promise<void> {
    const asked = waiting
    if (!asked) return
    if (performance.now() > asked.endsAtMs) return end('none')
    if (asked.id === undefined) return
    const status = await deps.verify(asked.id).catch(() => 'pending' as const)
    if (asked !== waiting || status === 'pending') return
    end(status === 'paid' ? 'paid' : 'failed')
  }

  return {
    begin(checkoutUrl) {
      clearInterval(timer)
      waiting = { id: checkoutIdOf(checkoutUrl), endsAtMs: performance.now() + GIVE_UP_MS }
      publish('waiting')
      timer = setInterval(() => void ask(), askEveryMs)
      timer.unref()
    },
    creditCame() {
      // Without the checkout's id there is nothing to ask about, and credit is what was waited for.
      if (waiting && waiting.id === undefined) end('paid')
      else void ask()
    },
    close() {
      waiting = undefined
      clearInterval(timer)
    },
  }
}

/** Stripe writes the id of the checkout session into the page's address. */
function checkoutIdOf(checkoutUrl: string): string | undefined {
  return /\bcs_\w+/.exec(checkoutUrl)?.[0]
}
