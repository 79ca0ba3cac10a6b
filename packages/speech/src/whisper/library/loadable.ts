import { fork } from 'node:child_process'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'

const TIMEOUT_MS = 20_000

/**
 * Whether a native library loads into Node on this machine: true, or the reason why not. It is
 * tried in a process of its own, which a bad one may crash. Success is remembered beside the file
 * until it changes; a folder that several machines share must serve the libraries of each.
 */
export async function isLoadable(path: string): Promise<true | string> {
  const identity = `${await identityOf(path)} ${hostname()}`
  const memory = memoryOf(path)
  if ((await readFile(memory, 'utf8').catch(() => undefined)) === identity) return true
  const reason = await tryToLoad(path)
  if (reason !== undefined) return reason
  // Without the note it is only tried again next time.
  await writeFile(memory, identity).catch(() => undefined)
  return true
}

/** For a library that failed in use: what it was linked with may be gone. It is tried again. */
export async function forgetLoadable(path: string): Promise<void> {
  await rm(memoryOf(path), { force: true }).catch(() => undefined)
}

function memoryOf(path: string): string {
  return `${path}.loads`
}

/** Changes with every file that is put in its place. */
export async function identityOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path)
  return `${size} ${mtimeMs}`
}

/** Loads a library, or a module that brings one, in a process of its own. Says why it does not. */
export async function tryToLoad(path: string): Promise<string | undefined> {
  // A library is a program to Node, and fork() is a plain Node even in Electron.
  const child = fork(path, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: TIMEOUT_MS,
  })
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      const line = output.split('\n').find((text) => /error/i.test(text))
      const reason = line
        ?.trim()
        .replace(/^Error: /, '')
        .replace(`${path}: `, '')
      resolve(code === 0 ? undefined : (reason ?? `it ended with ${signal ?? code}`))
    })
  })
}
