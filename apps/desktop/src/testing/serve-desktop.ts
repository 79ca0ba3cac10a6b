import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { createFileSecretStore } from '../account/file-secret-store.ts'
import { serveRpc } from '../api/rpc-server.ts'
import { contentTypeOf } from '../content-type.ts'
import type { DesktopEnv } from '../env.ts'
import { readEnv } from '../env.ts'
import type { DesktopHost, DesktopHostDeps } from '../host/desktop-host.ts'
import { createDesktopHost } from '../host/desktop-host.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { applyPatch } from '../settings/settings-patch.ts'
import { freePort } from './free-port.ts'
import type { RecordingShell } from './recording-shell.ts'
import { createRecordingShell } from './recording-shell.ts'

export interface ServedDesktop {
  /** The window's page, connected to the host: open it in any browser. */
  readonly url: string
  /** Address of the RPC WebSocket. */
  readonly rpcUrl: string
  readonly host: DesktopHost
  readonly shell: RecordingShell
  close(): Promise<void>
}

export interface ServeDesktopOptions extends Partial<Omit<DesktopHostDeps, 'shell' | 'env'>> {
  /** In place of what the variables say. */
  readonly env?: Partial<DesktopEnv>
  /** Holds everything that the app writes. */
  readonly dataDir: string
  /** Variables beside those of this process, as env.ts reads them. */
  readonly variables?: Readonly<Record<string, string>>
  /** The built window. Default: dist/renderer of this app. */
  readonly rendererDir?: string
  /** Where there are none in `dataDir` yet. Default: an overlay on a free port. */
  readonly settings?: SettingsPatch
}

const RENDERER_DIR = fileURLToPath(new URL('../../dist/renderer', import.meta.url))

/** The real host in this process, with its window's page for a plain browser. For tests only. */
export async function serveDesktop(options: ServeDesktopOptions): Promise<ServedDesktop> {
  const { dataDir, variables, rendererDir = RENDERER_DIR, settings, ...hostDeps } = options
  const shell = createRecordingShell()
  const variablesNow = { ...process.env, ...variables, SAYWIRE_DATA_DIR: dataDir }
  const env = { ...readEnv(variablesNow), ...options.env }
  await writeFirstSettings(join(dataDir, 'settings.json'), settings)
  const host = await createDesktopHost({
    version: '0.0.0-test',
    secrets: { ...createFileSecretStore(env.secretsFile), storage: 'weak' },
    log: () => undefined,
    ...hostDeps,
    env,
    shell,
  })

  const server = createServer((request, response) => {
    void serveFile({ folder: rendererDir, readFont: host.readFont }, request, response)
  })
  const sockets = new WebSocketServer({ server, path: '/rpc', maxPayload: 20_000_000 })
  sockets.on('connection', (ws) => {
    const onHung = () => ws.terminate()
    const rpc = serveRpc(host.router, (message) => ws.send(JSON.stringify(message)), { onHung })
    ws.on('message', (data: Buffer) => rpc.receive(parse(data.toString())))
    ws.on('close', rpc.close)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const rpcUrl = `ws://127.0.0.1:${port}/rpc`
  return {
    url: `http://127.0.0.1:${port}/?api=${encodeURIComponent(rpcUrl)}`,
    rpcUrl,
    host,
    shell,
    async close() {
      for (const ws of sockets.clients) ws.terminate()
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), host.close()])
    },
  }
}

async function writeFirstSettings(file: string, settings: SettingsPatch = {}): Promise<void> {
  const port = await freePort()
  const first = applyPatch(settingsSchema.parse({ overlay: { port } }), settings)
  const flag = { flag: 'wx' as const }
  await writeFile(file, JSON.stringify(first), flag).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function serveFile(
  { folder, readFont }: { folder: string; readFont: DesktopHost['readFont'] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const font = pathname.startsWith('/fonts/') && (await readFont(pathname.slice('/fonts/'.length)))
  if (font) return void response.writeHead(200, { 'content-type': font.contentType }).end(font.body)
  const path = normalize(join(folder, pathname === '/' ? 'index.html' : pathname))
  const body = path.startsWith(folder + sep) && (await readFile(path).catch(() => undefined))
  const type = contentTypeOf(path)
  if (!body || type === undefined) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': type }).end(body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
