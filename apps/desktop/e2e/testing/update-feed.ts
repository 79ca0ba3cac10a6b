import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server with a newer version, as electron-builder's `generic` provider publishes it. */
export interface UpdateFeed extends AsyncDisposable {
  readonly url: string
  /** What was asked for so far. */
  readonly requests: readonly string[]
}

/** @param program what an AppImage of that version holds; it is run once when it is installed */
export async function serveUpdate(version: string, program: string): Promise<UpdateFeed> {
  const name = `Saywire-${version}.AppImage`
  const sha512 = createHash('sha512').update(program).digest('base64')
  const about = [
    `version: ${version}`,
    'files:',
    `  - url: ${name}`,
    `    sha512: ${sha512}`,
    `    size: ${program.length}`,
    `path: ${name}`,
    `sha512: ${sha512}`,
    "releaseDate: '2030-01-01T00:00:00.000Z'",
  ].join('\n')
  const files = new Map([
    ['/latest-linux.yml', about],
    [`/${name}`, program],
  ])
  const requests: string[] = []
  const server = createServer(({ url = '' }, response) => {
    const [path = ''] = url.split('?')
    requests.push(path)
    const file = files.get(path)
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
