import { SpeechError } from '@saywire/speech'
import type { AccountService, Order } from '../api/desktop-services.ts'
import type { AccountView, NoticeView } from '../api/desktop-state.ts'
import { HostError } from '../api/host-error.ts'
import type { AccessTokens } from './access-tokens.ts'
import { createAccessTokens } from './access-tokens.ts'
import { watchBalance } from './live-balance.ts'
import { readOffer } from './offer.ts'
import { createPurchaseWatch } from './purchase.ts'
import type { SecretStore } from './secret-store.ts'
import { asServerError, createServerClient } from './server-client.ts'

export interface AccountDeps {
  readonly secrets: SecretStore
  readonly deviceName: string
  publish(view: AccountView): void
  onNotice(level: NoticeView['level'], sentence: string): void
  /** The server was chosen by logging in there. */
  onServerChosen(serverUrl: string): void
  /** There is new hope for the managed engine: a login, or credit. */
  onHope(): void
  openExternal(url: string): Promise<void>
  readonly askPurchaseEveryMs?: number
  readonly retryFirstMs?: number
}

export interface Account extends AccountService {
  /** From now on this server; empty is none. Follows the balance where there is a login. */
  use(serverUrl: string): Promise<void>
  /** Like `use`, unless it is the one there is. */
  follow(serverUrl: string): Promise<void>
  /** For the engine. @throws SpeechError `unauthenticated`, `unreachable` */
  getToken(serverUrl: string): Promise<string>
  hasLogin(serverUrl: string): Promise<boolean>
  /** @see AccessTokens.adopt */
  adopt(serverUrl: string, accessToken: string): Promise<boolean>
  /** The server warned that credit is about to end. */
  warnLow(secondsRemaining: number): void
  close(): void
}

const NOBODY = {
  status: 'none',
  email: undefined,
  balanceMs: undefined,
  isLow: false,
  purchase: 'none',
  sentence: undefined,
} as const satisfies Partial<AccountView>

const EXPIRED = 'Your login has ended: log in again. Captions go on as well as they can.'
const PAID = 'Your purchase has arrived: the credit is yours.'

/** The user's account at the managed server that the settings name. */
export function createAccount(deps: AccountDeps): Account {
  const { secrets, publish, onNotice } = deps
  let view: AccountView = { ...NOBODY, serverUrl: '' }
  let stopWatching = () => {}
  /** Rises when another server or login is used: what an older one answers is of no interest. */
  let generation = 0
  /** Until the payment page is open. */
  let buying: Promise<void> | undefined

  function show(change: Partial<AccountView>): void {
    view = { ...view, ...change }
    publish(view)
  }

  const tokensOf = (serverUrl: string): AccessTokens =>
    createAccessTokens({ serverUrl, secrets, deviceName: deps.deviceName })

  /** The server's API as this login. @throws HostError where there is no server */
  function client() {
    const { serverUrl } = view
    if (serverUrl === '') throw new HostError('not_possible', 'Choose a Saywire server first.')
    return createServerClient(serverUrl, async () => getToken(serverUrl))
  }

  const purchase = createPurchaseWatch({
    verify: async (session_id) => (await client().billing.verify.mutate({ session_id })).status,
    publish(state) {
      show({ purchase: state })
      if (state === 'paid') onNotice('info', PAID)
      if (state === 'failed') onNotice('warning', 'The payment did not go through.')
    },
    ...(deps.askPurchaseEveryMs !== undefined && { askEveryMs: deps.askPurchaseEveryMs }),
  })

  async function getToken(serverUrl: string, refused?: string): Promise<string> {
    try {
      return await tokensOf(serverUrl).get(refused)
    } catch (error) {
      const isRefused = error instanceof SpeechError && error.code === 'unauthenticated'
      if (isRefused && serverUrl === view.serverUrl) expire()
      throw error
    }
  }

  function expire(): void {
    // Nobody's login cannot end, and what is told once need not be told again.
    if (view.status === 'none' || view.status === 'expired') return
    stopWatching()
    show({ status: 'expired', sentence: EXPIRED })
    onNotice('warning', EXPIRED)
  }

  function onBalance(balanceMs: number): void {
    const before = view.balanceMs
    const rose = before !== undefined && balanceMs > before
    const isLow = view.isLow && !rose
    show({ status: 'logged_in', balanceMs, isLow, sentence: undefined })
    if (!rose) return
    purchase.creditCame()
    deps.onHope()
  }

  async function use(serverUrl: string): Promise<void> {
    const mine = ++generation
    const isCurrent = () => mine === generation
    stopWatching()
    purchase.close()
    show({ ...NOBODY, serverUrl })
    if (serverUrl === '') return
    const email = await tokensOf(serverUrl).email()
    if (!isCurrent() || email === undefined) return
    show({ status: 'checking', email })
    stopWatching = watchBalance({
      serverUrl,
      getToken: async (refused) => getToken(serverUrl, refused),
      onBalance: (balanceMs) => isCurrent() && onBalance(balanceMs),
      onUnreachable: ({ message }) =>
        isCurrent() && show({ status: 'unreachable', sentence: message }),
      onRefused: () => isCurrent() && expire(),
      ...(deps.retryFirstMs !== undefined && { retryFirstMs: deps.retryFirstMs }),
    })
  }

  /** As this login, with what the server says as one sentence. @throws SpeechError */
  async function ask<T>(question: () => Promise<T>): Promise<T> {
    return question().catch((cause: unknown) => {
      throw cause instanceof HostError ? cause : asServerError(cause, view.serverUrl)
    })
  }

  async function checkOut(order: Order): Promise<void> {
    const mine = generation
    const input =
      'packageId' in order ? { package_id: order.packageId } : { amount_cents: order.amountCents }
    const { checkout_url } = await ask(async () => client().billing.checkout.mutate(input))
    // Logged out, or at another server meanwhile.
    if (mine !== generation) return
    await deps.openExternal(checkout_url)
    purchase.begin(checkout_url)
  }

  return {
    use,
    follow: async (serverUrl) => (serverUrl === view.serverUrl ? undefined : use(serverUrl)),
    getToken,
    async enter(how, { serverUrl: entered, email, password }) {
      const serverUrl = entered.replace(/\/+$/, '')
      await tokensOf(serverUrl).enter(how, email, password)
      // Logged in there before anybody asks what the server that is chosen now lacks.
      await use(serverUrl)
      deps.onServerChosen(serverUrl)
      deps.onHope()
    },
    async logout() {
      const { serverUrl } = view
      if (serverUrl === '') return
      generation++
      stopWatching()
      purchase.close()
      show({ ...NOBODY, serverUrl })
      // Gone here in any case; a server that cannot be told forgets it by itself.
      await tokensOf(serverUrl)
        .leave()
        .catch((error: unknown) => onNotice('info', asServerError(error, serverUrl).message))
    },
    async packages() {
      const { serverUrl } = view
      return ask(async () =>
        readOffer(await createServerClient(serverUrl).billing.packages.query(), serverUrl),
      )
    },
    async buy(order) {
      // A double click is one purchase.
      buying ??= checkOut(order).finally(() => (buying = undefined))
      await buying
    },
    hasLogin: async (serverUrl) => (await tokensOf(serverUrl).email()) !== undefined,
    async adopt(serverUrl, accessToken) {
      const isGood = await tokensOf(serverUrl).adopt(accessToken)
      if (isGood && serverUrl === view.serverUrl) await use(serverUrl)
      return isGood
    },
    warnLow(secondsRemaining) {
      if (!view.isLow) show({ isLow: true })
      const left = `${Math.max(1, Math.round(secondsRemaining / 60))} min`
      onNotice('warning', `Your credit is about to end: about ${left} of captions are left.`)
    },
    close() {
      generation++
      stopWatching()
      purchase.close()
    },
  }
}
