import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the next requests are answered; each is used once, and after the last all goes well. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number }
  /** The connection breaks after so many bytes of the answer, and not before `once` resolves. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly once?: () => Promise<unknown> }
  /** Nothing more comes after so many bytes, and the connection stays. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Every byte is wrong. */
  | { readonly kind: 'corrupt' }
  /** Sends everything from the beginning, whatever was asked for. */
  | { readonly kind: 'ignore-range' }

export interface BadFileServer extends AsyncDisposable {
  readonly url: string
  /** The `Range` header of each request for the file, `''` where there was none. */
  readonly ranges: readonly string[]
}

/** A real HTTP server that holds one file, and holds it badly. */
export async function serveBadly(
  content: Uint8Array,
  misbehaviours: readonly Misbehaviour[] = [],
): Promise<BadFileServer> {
  const ranges: string[] = []
  const next = [...misbehaviours]
  const server = createServer((request, response) => {
    const range = request.headers.range ?? ''
    ranges.push(range)
    const bad = next.shift()
    if (bad?.kind === 'status') return void response.writeHead(bad.status).end()
    const from = bad?.kind === 'ignore-range' ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0)
    if (from >= content.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    }
    const body = content.subarray(from)
    const bytes = bad?.kind === 'corrupt' ? body.map((byte) => byte ^ 0xff) : body
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    })
    if (bad?.kind !== 'cut' && bad?.kind !== 'stall') return void response.end(bytes)
    response.write(bytes.subarray(0, bad.afterBytes), () => {
      if (bad.kind === 'cut') void Promise.resolve(bad.once?.()).then(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
