import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultStage } from './fault-stage.ts'

/** What befalls every session of a server at once. */
export interface ServerCase {
  readonly name: string
  readonly inQuick: boolean
  /** What may be missing from a bill, ms; it is the host's loss. */
  readonly billMayMissMs: number
  /** The server's sessions go on at the next one. */
  readonly movesSessions: boolean
  /** It tells them so, and when they are there is promised. */
  readonly tellsSessions: boolean
  strike(stage: FaultStage): Promise<void>
  /** Makes the stage whole again, once the sessions are over: it must not be in their way. */
  mend?(stage: FaultStage): Promise<void>
}

const AWAY_MS = 10_000
/**
 * A server that is killed has written down what it heard up to its last heartbeat, one a second; one
 * that is busy may be late, but after two and a half it would have been taken for dead.
 */
export const KILL_LOSS_MS = 2500

export const serverCases: readonly ServerCase[] = [
  {
    name: 'server: SIGTERM',
    inQuick: true,
    billMayMissMs: 0,
    movesSessions: true,
    tellsSessions: true,
    strike: async (stage) => stage.endServer('SIGTERM'),
    mend: async (stage) => stage.restartServer(),
  },
  {
    name: 'server: SIGKILL',
    inQuick: true,
    billMayMissMs: KILL_LOSS_MS,
    movesSessions: true,
    tellsSessions: false,
    strike: async (stage) => stage.endServer('SIGKILL'),
    mend: async (stage) => stage.restartServer(),
  },
  {
    name: 'database: away for 10 s, refusing',
    inQuick: false,
    billMayMissMs: 0,
    movesSessions: false,
    tellsSessions: false,
    async strike({ database }) {
      database.refuses = true
      database.strike({ action: 'reset' })
      await sleep(AWAY_MS)
      database.refuses = false
    },
  },
  {
    name: 'database: away for 10 s, silent',
    inQuick: false,
    billMayMissMs: 0,
    movesSessions: false,
    tellsSessions: false,
    async strike({ database }) {
      // New connections come to nothing, too: they are taken, and then reset.
      database.strike({ action: 'stall', durationMs: AWAY_MS })
      database.refuses = true
      await sleep(AWAY_MS)
      database.refuses = false
    },
  },
]
