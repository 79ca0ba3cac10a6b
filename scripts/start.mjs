// `npm start`: sets everything up and opens the app. Where no window can be shown, with `--headless`
// and for a file (`npm start -- talk.wav`), it starts the server and captions speech in the terminal.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureElectron } from './ensure-electron.mjs'
import { exitCode, onWishToEnd, runToEnd, startProgram } from './program.mjs'
import { root, setUp } from './setup.mjs'

const SAYWIRE = 'apps/desktop/src/cli/main.ts'
const INTERRUPTED = 130

const wishes = process.argv.slice(2)

setUp()
process.exit(await (wishes.length === 0 ? startApp() : startHeadless(wishes)))

async function startApp() {
  const electron = hasDisplay() ? await ensureElectron() : { problem: 'There is no display.' }
  if ('problem' in electron) {
    console.error(`${electron.problem} Captioning in the terminal instead of the app's window.`)
    return startHeadless([])
  }
  console.error('Opening the app. For captions in the terminal: npm start -- --headless')
  // Chromium's sandbox cannot be had by root.
  const isRoot = process.platform === 'linux' && process.getuid() === 0
  const args = [...(isRoot ? ['--no-sandbox'] : []), join(root, 'apps', 'desktop')]
  // Out of the terminal's reach: Ctrl-C goes to all of a terminal's programs, and npm passes it on
  // once more; asked twice, the app ends without its last words, and its helpers know no gentle end.
  const detached = process.platform !== 'win32'
  return runToEnd(spawn(electron.path, args, { stdio: 'inherit', detached }))
}

function hasDisplay() {
  if (process.platform !== 'linux') return true
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

async function startHeadless(wishes) {
  const args = wishes.filter((wish) => wish !== '--headless')
  // First, so that its progress is seen: the server needs the same library and model.
  const prepared = await runToEnd(startProgram(SAYWIRE, ['setup']))
  if (prepared !== 0) return prepared
  const server = await startServer()
  if (server.url === undefined) return server.code
  console.error(`Account  ${server.url}/  (API: /docs)`)
  console.error(`Log      ${server.logFile}`)
  const code = await runToEnd(startProgram(SAYWIRE, ['start', ...args]))
  const ended = await server.stop()
  // Nobody asks for the log of a run without a fault.
  if (code === 0 && ended === 0) rmSync(server.logFolder, { recursive: true, force: true })
  return code
}

/** `url` is undefined when it did not come up, or not in time for the user; `code` says which. */
async function startServer() {
  // A folder that nobody else can have made: other users of this machine start Saywire too.
  const logFolder = mkdtempSync(join(tmpdir(), 'saywire-'))
  const logFile = join(logFolder, 'server.log')
  const log = createWriteStream(logFile, { mode: 0o600 })
  log.on('error', (error) => console.error(`The server's log cannot be written: ${error.message}`))
  // Out of the terminal's reach: Ctrl-C ends the captions first, then the server, in that order.
  // If this process is killed, the closed channel tells the server to end.
  const child = startProgram('apps/server/src/main.ts', [], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout.pipe(log)
  const ended = new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve(exitCode(status, signal)))
  })
  async function stop() {
    child.kill('SIGTERM')
    return ended
  }
  let interrupted = false
  const unsubscribe = onWishToEnd(() => {
    interrupted = true
    void stop()
  })
  const url = await new Promise((resolve) => {
    child.on('message', (message) => {
      if (message?.type === 'listening') resolve(message.url)
    })
    void ended.then(() => resolve(undefined))
  })
  unsubscribe()
  if (interrupted) {
    await ended
    return { url: undefined, code: INTERRUPTED }
  }
  return url === undefined ? { url, code: (await ended) || 1 } : { url, logFolder, logFile, stop }
}
