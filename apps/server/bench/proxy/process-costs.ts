import { readdir, readFile } from 'node:fs/promises'

/** VmRSS of a process and of its children, bytes. */
export async function readRssBytes(pid: number): Promise<number> {
  const pids = await withChildren(pid)
  const sizes = await Promise.all(
    pids.map(async (each) => {
      const status = await readFile(`/proc/${each}/status`, 'utf8').catch(() => '')
      return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)
    }),
  )
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}

/** CPU time that all threads of a process and of its children have had, ms; by the scheduler's clock. */
export async function readCpuMs(pid: number): Promise<number> {
  const pids = await withChildren(pid)
  let totalNs = 0
  for (const each of pids) {
    for (const task of await readdir(`/proc/${each}/task`).catch(() => [])) {
      const stat = await readFile(`/proc/${each}/task/${task}/schedstat`, 'utf8').catch(() => '0')
      totalNs += Number(stat.split(' ')[0])
    }
  }
  return totalNs / 1e6
}

async function withChildren(pid: number): Promise<string[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return [String(pid), ...children.split(' ').filter((each) => each !== '')]
}
