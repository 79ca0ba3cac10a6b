import type { KeyView } from '../api/desktop-state.ts'
import type { DeepgramService } from '../api/desktop-services.ts'
import { checkDeepgramKey } from './check-deepgram-key.ts'
import type { SecretStore } from './secret-store.ts'
import { SECRET_NAMES } from './secret-store.ts'

/** Characters of the key that are shown, to tell one from another. */
const HINT_CHARS = 4
/** A key that could not be checked is checked again after this long. */
const RECHECK_MS = 60_000

export interface DeepgramKeyDeps {
  readonly secrets: SecretStore
  readonly deepgramUrl: string | undefined
  publish(view: KeyView): void
  /** The user entered a key that may work: a session need not go on without. */
  onNewKey(): void
  readonly recheckMs?: number
}

export interface DeepgramKey extends DeepgramService {
  get(): Promise<string | undefined>
  /** Asks the provider about the key that is stored, if one is. */
  recheck(): Promise<void>
  close(): void
}

/** The user's own key: kept among the secrets, checked with the provider, never shown again. */
export function createDeepgramKey(deps: DeepgramKeyDeps): DeepgramKey {
  const { secrets, publish, recheckMs = RECHECK_MS } = deps
  let timer: NodeJS.Timeout | undefined
  /** Rises with each check: the answer about an older key is of no interest. */
  let checks = 0

  async function check(key: string | undefined): Promise<KeyView> {
    clearTimeout(timer)
    const mine = ++checks
    let view: KeyView = { status: 'none', hint: undefined, sentence: undefined }
    if (key !== undefined) {
      const hint = key.slice(-HINT_CHARS)
      publish({ status: 'checking', hint, sentence: undefined })
      view = { hint, sentence: undefined, ...(await checkDeepgramKey(key, deps)) }
    }
    if (mine !== checks) return view
    publish(view)
    if (view.status === 'unverified') {
      timer = setTimeout(() => void recheck(), recheckMs)
      timer.unref()
    }
    return view
  }

  const get = async () => secrets.get(SECRET_NAMES.deepgramKey)
  const recheck = async () => void (await check(await get()))

  return {
    get,
    recheck,
    async setKey(key) {
      await secrets.update(SECRET_NAMES.deepgramKey, async () => key)
      const view = await check(key)
      if (view.status !== 'invalid') deps.onNewKey()
      return view
    },
    async removeKey() {
      await secrets.update(SECRET_NAMES.deepgramKey, async () => undefined)
      await check(undefined)
    },
    close() {
      checks++
      clearTimeout(timer)
    },
  }
}
