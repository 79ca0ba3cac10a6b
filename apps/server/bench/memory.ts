import { readFile } from 'node:fs/promises'

/** Watches how much memory a process has. Linux only: elsewhere it sees nothing. */
export interface MemoryWatch {
  /** Largest so far, MiB. */
  readonly maxMb: number
  /** Now, MiB. */
  readMb(): Promise<number>
  stop(): void
}

const EVERY_MS = 200

export function watchMemory(pid: number): MemoryWatch {
  let maxMb = 0
  const readMb = async (): Promise<number> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const mb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
    maxMb = Math.max(maxMb, mb)
    return mb
  }
  const timer = setInterval(() => void readMb(), EVERY_MS)
  return {
    get maxMb() {
      return maxMb
    },
    readMb,
    stop: () => clearInterval(timer),
  }
}
