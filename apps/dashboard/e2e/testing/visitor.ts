import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface Visitor extends AsyncDisposable {
  readonly page: Page
  /** What no page may do: errors on the console, refusals by the policy, other hosts, crashes. */
  readonly problems: readonly string[]
}

/** Answers that a test provokes; the browser writes each on the console. */
const EXPECTED = /Failed to load resource|ERR_CONNECTION_REFUSED|WebSocket connection to/

/**
 * A browser of its own: cookies, language, and an eye on everything that goes wrong.
 * @param friends other hosts that may be visited, such as the payment page's
 */
export async function openVisitor(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  friends: readonly string[] = [],
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-US',
    timezoneId: 'Europe/Paris',
    ...options,
  })
  const page = await context.newPage()
  const problems: string[] = []
  const allowed = new Set([new URL(url).host, ...friends.map((friend) => new URL(friend).host)])
  page.on('request', (request) => {
    if (!allowed.has(new URL(request.url()).host)) problems.push(`request to ${request.url()}`)
  })
  page.on('console', (message) => {
    const isProblem = ['error', 'warning'].includes(message.type())
    if (isProblem && !EXPECTED.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  return {
    page,
    problems,
    [Symbol.asyncDispose]: async () => context.close(),
  }
}

export const PASSWORD = 'correct horse battery'

/** Creates an account on the page, and is logged in on the dashboard afterwards. */
export async function register(page: Page, email: string): Promise<void> {
  await page.goto('/register')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
}
