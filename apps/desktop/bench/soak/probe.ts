import type { ChildProcess } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What a process holds. */
export interface Holding {
  /** Since the watch began. */
  readonly atMs: number
  /** After a garbage collection. */
  readonly heapBytes: number
  /** Buffers outside the heap. */
  readonly externalBytes: number
  readonly rssBytes: number
  readonly sockets: number
  readonly timers: number
  readonly childProcesses: number
}

interface Probed {
  readonly type: 'probed'
  readonly heapBytes: number
  readonly externalBytes: number
  readonly rssBytes: number
  readonly resources: Readonly<Record<string, number>>
}

/** Added to a child's environment, it makes the child answer takeProbe(). */
export const probeEnv = {
  NODE_OPTIONS: `--import ${fileURLToPath(new URL('process-probe.mjs', import.meta.url))}`,
} as const

const ANSWER_TIMEOUT_MS = 30_000

/** @throws Error where the process does not answer */
export async function takeProbe(child: ChildProcess, sinceMs: number): Promise<Holding> {
  const probed = await new Promise<Probed>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.off('message', listen)
      reject(new Error('A process that is watched does not answer.'))
    }, ANSWER_TIMEOUT_MS)
    const listen = (message: Probed): void => {
      if (message.type !== 'probed') return
      clearTimeout(timer)
      child.off('message', listen)
      resolve(message)
    }
    child.on('message', listen)
    child.send({ type: 'probe' })
  })
  const { heapBytes, externalBytes, rssBytes, resources } = probed
  return {
    atMs: performance.now() - sinceMs,
    heapBytes,
    externalBytes,
    rssBytes,
    sockets: await countSockets(child.pid ?? 0),
    timers: resources['Timeout'] ?? 0,
    childProcesses: await countChildren(child.pid ?? 0),
  }
}

/** Open descriptors that are sockets, whoever opened them. Linux only. */
async function countSockets(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fd`
  const targets = await Promise.all(
    (await readdir(folder)).map(async (fd) => readlinkOrNothing(`${folder}/${fd}`)),
  )
  return targets.filter((target) => target.startsWith('socket:')).length
}

async function readlinkOrNothing(path: string): Promise<string> {
  // It may have been closed since it was listed.
  return readlink(path).catch(() => '')
}

async function countChildren(pid: number): Promise<number> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.split(' ').filter((each) => each.trim() !== '').length
}
