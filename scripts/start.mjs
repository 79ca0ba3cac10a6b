// `npm start [-- file.wav]`: sets everything up, starts the server, and captions speech.
import { createWriteStream, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCode, runToEnd, startProgram } from './program.mjs'
import { setUp } from './setup.mjs'

const SAYWIRE = 'apps/desktop/src/cli/main.ts'

setUp()
// First, so that its progress is seen: the server needs the same library and model.
const prepared = await runToEnd(startProgram(SAYWIRE, ['setup']))
if (prepared !== 0) process.exit(prepared)
const server = await startServer()
if (server === undefined) process.exit(1)
console.error(`API      ${server.url}/docs`)
const code = await runToEnd(startProgram(SAYWIRE, ['start', ...process.argv.slice(2)]))
await server.stop()
process.exit(code)

/** Undefined when it did not come up; it has said why. */
async function startServer() {
  const logFolder = join(tmpdir(), 'saywire-logs')
  mkdirSync(logFolder, { recursive: true })
  const log = createWriteStream(join(logFolder, `server-${process.pid}.log`))
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
  const interrupt = () => child.kill('SIGTERM')
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const url = await new Promise((resolve) => {
    child.on('message', (message) => {
      if (message?.type === 'listening') resolve(message.url)
    })
    void ended.then(() => resolve(undefined))
  })
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  if (url === undefined) return undefined
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
