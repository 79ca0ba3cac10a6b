import type { Page } from 'playwright-core'

interface Bridge {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** What the host answers to this page, by the page's own bridge. */
export async function askHost(page: Page, path: string, input?: unknown): Promise<unknown> {
  return call(page, { type: 'query', path, input })
}

/** Has the host do something for this page. */
export async function tellHost(page: Page, path: string, input?: unknown): Promise<unknown> {
  return call(page, { type: 'mutation', path, input })
}

let calls = 9000

async function call(page: Page, message: object): Promise<unknown> {
  return page.evaluate(
    (sent) =>
      new Promise((resolve) => {
        const { saywireBridge } = window as unknown as { saywireBridge: Bridge }
        saywireBridge.onMessage((received) => {
          const { id, data } = received as { id: number; data?: unknown }
          if (id === sent.id) resolve(data)
        })
        saywireBridge.send(sent)
      }),
    { id: ++calls, ...message },
  )
}
