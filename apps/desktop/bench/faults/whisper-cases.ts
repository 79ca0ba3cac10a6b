import { readdir, readFile } from 'node:fs/promises'
import type { TcpCutter } from '@saywire/speech/testing'

export interface WhisperPoint {
  /** Between the app and the server. */
  readonly client: TcpCutter
  readonly serverPid: number
  readonly random: () => number
}

export interface WhisperCase {
  readonly name: string
  /** Whose Whisper listens: the app's own, or the server's. */
  readonly route: 'local' | 'managed'
  readonly hasFallback?: boolean
  strike(point: WhisperPoint): void | Promise<void>
}

export const whisperCases: readonly WhisperCase[] = [
  {
    name: 'app: Whisper killed',
    route: 'local',
    strike: async () => killWhisperOf(process.pid),
  },
  {
    name: 'app–server: RST',
    route: 'managed',
    strike: ({ client }) => void client.strike({ action: 'reset' }),
  },
  {
    name: 'app–server: cut in mid-frame',
    route: 'managed',
    strike({ client, random }) {
      const afterBytes = 1 + Math.floor(random() * 1500)
      client.strike({ action: 'cut', afterBytes, direction: 'up' })
    },
  },
  {
    name: 'server: Whisper killed',
    route: 'managed',
    strike: async ({ serverPid }) => killWhisperOf(serverPid),
  },
  {
    name: 'server gone for good, local takes over',
    route: 'managed',
    hasFallback: true,
    strike({ client }) {
      client.refuses = true
      client.strike({ action: 'reset' })
    },
  },
]

/** Kills the whisper process that is a child of this one. Needs /proc. */
async function killWhisperOf(parentPid: number): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // The second field is the program's name, in parentheses; the fourth is the parent.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent !== parentPid) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.includes('whisper-child')) process.kill(Number(pid), 'SIGKILL')
  }
}
