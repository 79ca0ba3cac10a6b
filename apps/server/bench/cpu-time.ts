import { readdir, readFile } from 'node:fs/promises'

/** Linux's unit of CPU time, whatever the kernel's own clock is. */
const TICKS_PER_S = 100

interface ProcessTimes {
  readonly parentPid: number
  /** Of the process and of its children that have ended, s. */
  readonly cpuS: number
}

/**
 * CPU time that a process and its children have used since they began, s. Linux only.
 * @throws Error where there is no /proc
 */
export async function readCpuS(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(pids.map(async (each) => [each, await readTimes(each)] as const))
  let totalS = 0
  for (const [each, times] of all) {
    if (times && (each === pid || times.parentPid === pid)) totalS += times.cpuS
  }
  return totalS
}

export async function readParentPid(pid: number): Promise<number> {
  return (await readTimes(pid))?.parentPid ?? 0
}

async function readTimes(pid: number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the program's name, in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 15) return undefined
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parentPid: Number(fields[1]), cpuS: ticks / TICKS_PER_S }
}
