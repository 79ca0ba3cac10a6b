import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Options } from '@node-rs/argon2'

/** Hashes passwords on threads of its own: the event loop, which carries the audio, goes on. */
export interface HashThreads {
  hash(password: string): Promise<string>
  /** @throws Error where `stored` is no hash */
  verify(password: string, stored: string): Promise<boolean>
}

interface Task {
  readonly password: string
  /** Undefined: hash it. */
  readonly stored: string | undefined
}
type Reply = { readonly result: string | boolean } | { readonly error: string }

/**
 * Below everything else of this process: audio never waits for a login. Not far below: on a machine
 * whose processors are all busy, people still have to get in (a third of a core each).
 */
const NICENESS = 5

/** A thread's own heap; a hash has its memory beside it. */
const THREAD_MEMORY = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }

/** As text, because the workspace, a bundle and the tests have their files in different places. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { getPriority, setPriority } = require('node:os')
const { hashSync, verifySync } = require(workerData.library)
// To Linux alone, a thread has a priority of its own; elsewhere this would be the whole server's.
if (process.platform === 'linux') {
  try { setPriority(Math.min(19, getPriority() + workerData.niceness)) } catch {}
}
parentPort.on('message', ({ password, stored }) => {
  try {
    const result = stored === undefined
      ? hashSync(password, workerData.options)
      : verifySync(stored, password)
    parentPort.postMessage({ result })
  } catch (error) {
    parentPort.postMessage({ error: String(error) })
  }
})
`

/**
 * Threads begin with the first password, and one after the other takes work. The caller bounds how
 * many tasks run at once: each that finds no idle thread begins another. A thread that dies takes
 * its task with it, and the next task begins a new one.
 */
export function createHashThreads(argon2: Options): HashThreads {
  const library = createRequire(import.meta.url).resolve('@node-rs/argon2')
  const idle: Worker[] = []

  function begin(): Worker {
    const workerData = { library, options: argon2, niceness: NICENESS }
    const options = { eval: true, execArgv: [], workerData, resourceLimits: THREAD_MEMORY }
    const thread = new Worker(PROGRAM, options)
    thread.on('error', () => undefined)
    thread.once('exit', () => {
      const at = idle.indexOf(thread)
      if (at >= 0) idle.splice(at, 1)
    })
    return thread
  }

  async function run(task: Task): Promise<string | boolean> {
    const thread = idle.pop() ?? begin()
    // A process that has nothing else to do ends, but not before its answer.
    thread.ref()
    const died = new AbortController()
    const onExit = (): void => died.abort()
    thread.once('exit', onExit)
    thread.postMessage(task, [])
    const [reply] = (await once(thread, 'message', { signal: died.signal })) as [Reply]
    thread.off('exit', onExit)
    thread.unref()
    idle.push(thread)
    if ('error' in reply) throw new Error(reply.error)
    return reply.result
  }

  return {
    hash: async (password) => String(await run({ password, stored: undefined })),
    verify: async (password, stored) => (await run({ password, stored })) === true,
  }
}
