import { readFile } from 'node:fs/promises'

/** Linux's unit of CPU time, whatever the kernel's own clock is. */
const TICKS_PER_S = 100

export interface ProcessMemory {
  readonly residentBytes: number
  /** The most it ever was. */
  readonly peakBytes: number
}

/** CPU time of a process with all its threads, s; undefined where there is no /proc. */
export async function cpuSOf(pid: number): Promise<number | undefined> {
  const [user, system] = (await statOf(pid)).slice(11, 13)
  return user === undefined || system === undefined ? undefined : (user + system) / TICKS_PER_S
}

/** CPU time of all children of this process that have ended, s; undefined where there is no /proc. */
export async function cpuSOfEnded(): Promise<number | undefined> {
  const [user, system] = (await statOf('self')).slice(13, 15)
  return user === undefined || system === undefined ? undefined : (user + system) / TICKS_PER_S
}

/** Undefined where there is no /proc, or no such process. */
export async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const bytesOf = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  }
  const residentBytes = bytesOf('VmRSS')
  const peakBytes = bytesOf('VmHWM')
  if (residentBytes === undefined || peakBytes === undefined) return undefined
  return { residentBytes, peakBytes }
}

/** The fields behind the program's name, which is in parentheses and may hold anything. */
async function statOf(pid: number | 'self'): Promise<number[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat === ''
    ? []
    : stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
}
