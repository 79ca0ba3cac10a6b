import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { WebSocket } from 'ws'

interface Target {
  readonly type: string
  readonly url: string
  readonly webSocketDebuggerUrl: string
}

export interface PageDebugger {
  readonly url: string
  /** The value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<unknown>
  close(): void
}

/**
 * The page of an app that was started with `--remote-debugging-port=0`. Not by Playwright: that needs
 * Node's inspector, which the packaged app refuses.
 */
export async function debugPage(stderr: NodeJS.ReadableStream): Promise<PageDebugger> {
  const port = await debuggingPort(stderr)
  let page: Target | undefined
  const findPage = async () => {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Target[]
    page = targets.find(({ type, url }) => type === 'page' && url.startsWith('app:'))
    return page
  }
  await expect.poll(findPage, { timeout: 60_000 }).toBeDefined()
  const { url, webSocketDebuggerUrl } = page as unknown as Target
  const socket = new WebSocket(webSocketDebuggerUrl)
  await once(socket, 'open')
  let id = 0
  return {
    url,
    async evaluate(expression) {
      const params = { expression, awaitPromise: true, returnByValue: true }
      const call = ++id
      socket.send(JSON.stringify({ id: call, method: 'Runtime.evaluate', params }))
      for (;;) {
        const [data] = (await once(socket, 'message')) as [Buffer]
        const message = JSON.parse(data.toString()) as {
          id?: number
          result?: { result: { value?: unknown } }
        }
        if (message.id === call) return message.result?.result.value
      }
    },
    close: () => socket.terminate(),
  }
}

async function debuggingPort(stderr: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: stderr })
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const port = /^DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line)?.[1]
      if (port !== undefined) resolve(port)
    })
    lines.once('close', () => reject(new Error('the app ended before it had a window')))
  })
}
