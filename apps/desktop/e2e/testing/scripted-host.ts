import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import type { HistoryEntryView } from '../../src/api/desktop-services.ts'
import type { CaptionMessage, DesktopState, LevelView } from '../../src/api/desktop-state.ts'
import { createDesktopRouter } from '../../src/api/router.ts'
import { serveRpc } from '../../src/api/rpc-server.ts'
import type { SettingsPatch } from '../../src/settings/settings.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { applyPatch } from '../../src/settings/settings-patch.ts'
import { createLive } from './live.ts'
import type { Script } from './scripted-services.ts'
import { createScriptedServices } from './scripted-services.ts'
import { READY } from './scripted-state.ts'

const PAGE = fileURLToPath(new URL('../../dist/renderer/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface ScriptedHost extends Script, AsyncDisposable {
  /** The window's page. */
  readonly url: string
  /** Ends every connection, as a crash would. */
  dropConnections(): void
}

/** The window's page, the true router, and behind it a script. */
export async function startScriptedHost(
  state: DesktopState = READY,
  settings: SettingsPatch = {},
): Promise<ScriptedHost> {
  const first = { app: { firstRunDone: true }, ...settings }
  const script: Script = {
    state: createLive(state),
    settings: createLive(applyPatch(settingsSchema.parse({}), first)),
    captions: createLive<CaptionMessage>({ type: 'interim', text: '' }),
    level: createLive<LevelView>({ rmsDbfs: -34, peakDbfs: -22 }),
    history: createLive<readonly HistoryEntryView[]>([]),
    refusals: [],
    calls: [],
  }
  const router = createDesktopRouter(createScriptedServices(script))
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://127.0.0.1').pathname)
    const file = path === '/' ? 'index.html' : path
    readFile(join(PAGE, file)).then(
      (data) => response.setHeader('content-type', TYPES[extname(file)] ?? '').end(data),
      () => response.writeHead(404).end(),
    )
  })
  const sockets = new WebSocketServer({ server, path: '/rpc' })
  sockets.on('connection', (socket) => {
    const rpc = serveRpc(router, (message) => socket.send(JSON.stringify(message)))
    socket.on('message', (data: Buffer) => rpc.receive(JSON.parse(data.toString())))
    socket.on('close', rpc.close)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...script,
    url: `http://127.0.0.1:${port}`,
    dropConnections() {
      for (const socket of sockets.clients) socket.terminate()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
