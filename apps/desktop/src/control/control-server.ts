import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { parseJson, readUntrusted } from '@saywire/protocol'
import { toRpcError } from '../api/rpc-error.ts'
import type { ControlAnswer, ControlStatus } from './control-messages.ts'
import { CONTROL_LINE_MAX, controlRequestSchema } from './control-messages.ts'

const CONNECTIONS_MAX = 16
/** A caller that says nothing. */
const SILENT_MS = 5000

export interface ControlActions {
  start(): Promise<void>
  stop(): Promise<void>
  toggle(): Promise<void>
  mute(muted: boolean): void
  /** Default: the next of those that the user switches between. */
  language(tag: string | undefined): void
  status(): ControlStatus
}

export interface ControlServer {
  close(): Promise<void>
}

/**
 * Lets this user's other programs (`saywire ctl`, a desktop's own hotkeys) control the app. Only
 * this user can open the socket: mode 0600.
 * @returns undefined where another app of the same data folder listens already
 */
export async function startControlServer(
  path: string,
  actions: ControlActions,
): Promise<ControlServer | undefined> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    void serve(socket, actions)
  })
  server.maxConnections = CONNECTIONS_MAX

  const isPipe = path.startsWith('\\\\')
  if (!isPipe) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    await listen()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || isPipe) throw error
    if (await isAnswered(path)) return undefined
    // An app that crashed left it behind.
    await rm(path, { force: true })
    await listen()
  }

  async function listen(): Promise<void> {
    // The socket gets its mode when it is made, and must never have been open to others.
    const before = process.umask(0o177)
    try {
      server.listen(path)
    } finally {
      process.umask(before)
    }
    await once(server, 'listening')
  }

  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function serve(socket: Socket, actions: ControlActions): Promise<void> {
  socket.setTimeout(SILENT_MS, () => socket.destroy())
  socket.setEncoding('utf8')
  let line = ''
  await new Promise<void>((resolve) => {
    socket.on('data', (text: string) => {
      line += text
      if (line.includes('\n') || line.length > CONTROL_LINE_MAX) resolve()
    })
    socket.once('close', resolve)
  })
  // Nothing else is listened to: a caller that talks on must not fill the memory.
  socket.removeAllListeners('data').pause()
  // What is asked for may take its time: the last words of a session, a model that loads.
  socket.setTimeout(0)
  const answer = await act(line, actions)
  if (!socket.writable) return
  socket.write(`${JSON.stringify(answer)}\n`)
  // Also where the caller does not hang up: there is room for few.
  socket.destroySoon()
}

async function act(line: string, actions: ControlActions): Promise<ControlAnswer> {
  const request = readUntrusted(controlRequestSchema, parseJson(line))
  if (!request.success) {
    return { ok: false, code: 'bad_request', message: 'This is not a request that Saywire knows.' }
  }
  const { data } = request
  try {
    if (data.do === 'mute' || data.do === 'unmute') actions.mute(data.do === 'mute')
    else if (data.do === 'language') actions.language(data.language)
    else if (data.do !== 'status') await actions[data.do]()
    return { ok: true, status: actions.status() }
  } catch (error) {
    return { ok: false, ...toRpcError(error) }
  }
}

async function isAnswered(path: string): Promise<boolean> {
  const probe = connect(path)
  try {
    await once(probe, 'connect')
    return true
  } catch {
    return false
  } finally {
    probe.destroy()
  }
}
