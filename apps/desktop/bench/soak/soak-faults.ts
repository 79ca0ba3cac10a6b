import { setTimeout as sleep } from 'node:timers/promises'
import type { CutterFault, CutterLink, TcpCutter } from '@saywire/speech/testing'
import type { FaultStage } from '../faults/fault-stage.ts'
import { KILL_LOSS_MS } from '../faults/server-cases.ts'

export interface SoakPoint {
  readonly stage: FaultStage
  /** Between the streamers and their servers. */
  readonly clients: readonly TcpCutter[]
  /** In [0, 1), from the run's seed. */
  readonly random: () => number
}

export interface SoakFault {
  readonly name: string
  /** What may be missing from the bills of those whose server dies, ms each. */
  readonly billMayMissMs?: number
  /** It takes up to 20 s until it is found, or over. */
  readonly takesLong?: boolean
  /** Resolves when everything is there again. */
  strike(point: SoakPoint): Promise<void> | void
}

const AWAY_MS = 10_000
const STALL_MS = 5000
const close1011 = { on: 'audio', action: 'close', code: 1011 } as const

/** A third of them, whoever they are. */
function some({ random }: SoakPoint): (link: CutterLink) => boolean {
  return () => random() < 0.33
}

function takesLong({ action }: CutterFault): boolean {
  return action === 'half-open' || action === 'stall'
}

function onClients(name: string, fault: CutterFault): SoakFault {
  const strike = (point: SoakPoint): void => {
    for (const cutter of point.clients) cutter.strike(fault, some(point))
  }
  return { name: `app–server: ${name}`, takesLong: takesLong(fault), strike }
}

function onUpstreams(name: string, fault: CutterFault): SoakFault {
  return {
    name: `server–Deepgram: ${name}`,
    takesLong: takesLong(fault),
    strike: (point) => void point.stage.upstream.strike(fault, some(point)),
  }
}

/** One of these befalls the soak each minute. */
export const soakFaults: readonly SoakFault[] = [
  onClients('RST', { action: 'reset' }),
  onClients('FIN', { action: 'end' }),
  onClients('half-open', { action: 'half-open' }),
  onClients('stall', { action: 'stall', durationMs: STALL_MS }),
  onClients('cut in mid-frame', { action: 'cut', afterBytes: 777, direction: 'up' }),
  onUpstreams('RST', { action: 'reset' }),
  onUpstreams('half-open', { action: 'half-open' }),
  onUpstreams('stall', { action: 'stall', durationMs: STALL_MS }),
  onUpstreams('cut in mid-frame', { action: 'cut', afterBytes: 777, direction: 'down' }),
  {
    name: 'Deepgram: close 1011',
    strike: ({ stage }) => void stage.deepgram.faults.push(...times(5, close1011)),
  },
  {
    name: 'Deepgram: reads on, says nothing',
    takesLong: true,
    strike: ({ stage }) =>
      void stage.deepgram.faults.push(...times(3, { on: 'audio', action: 'mute' } as const)),
  },
  {
    name: 'Deepgram: drop, then refused 503',
    strike({ stage }) {
      stage.deepgram.faults.push(
        ...times(5, { on: 'connect', action: 'refuse', status: 503 } as const),
        ...times(3, { on: 'audio', action: 'drop' } as const),
      )
    },
  },
  ...(['SIGTERM', 'SIGKILL'] as const).map((signal) => ({
    name: `server: ${signal}`,
    billMayMissMs: signal === 'SIGKILL' ? KILL_LOSS_MS : 0,
    async strike({ stage }: SoakPoint) {
      await stage.endServer(signal)
      await stage.restartServer()
    },
  })),
  {
    name: 'database: away for 10 s',
    // Who cannot write down what was heard cannot bill it.
    billMayMissMs: KILL_LOSS_MS,
    takesLong: true,
    async strike({ stage: { database } }) {
      database.refuses = true
      database.strike({ action: 'reset' })
      await sleep(AWAY_MS)
      database.refuses = false
    },
  },
]

function times<T>(count: number, thing: T): T[] {
  return Array.from({ length: count }, () => thing)
}
