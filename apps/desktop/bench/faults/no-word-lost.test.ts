import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultCases } from './fault-cases.ts'
import type { FaultStage } from './fault-stage.ts'
import { setFaultStage } from './fault-stage.ts'
import type { StruckRun } from './fault-table.ts'
import { brokenPromises } from './fault-table.ts'
import type { Yardstick } from './run-matrix.ts'
import { measureYardsticks, runCases, runServerCase } from './run-matrix.ts'
import { serverCases } from './server-cases.ts'

/** A few seconds of each: the bench has them all, and at more moments. */
const GUARDED = [
  'app–server: RST',
  'app–server: cut in mid-frame, up',
  'app–server: cut in mid-frame, down',
  'app–server: gone for good, local takes over',
  'server–Deepgram: close 1011',
  'server–Deepgram: drop (1006)',
  'server–Deepgram: malformed JSON',
  'app–Deepgram: drop (1006)',
]
const SCRIPT_MS = 4000

/** What each run did not keep; its name is the fault's. */
const told = (runs: readonly StruckRun[]) => runs.map((run) => [run.fault, ...brokenPromises(run)])

describe('with the real server, database and processes', { timeout: 180_000 }, () => {
  let stage: FaultStage
  let yardsticks: Yardstick[]
  const unbroken: StruckRun[] = []
  beforeAll(async () => {
    stage = await setFaultStage()
    const plan = { count: 2, durationMs: SCRIPT_MS }
    yardsticks = measureYardsticks(stage, plan, (run) => void unbroken.push(run))
  }, 180_000)
  afterAll(async () => stage[Symbol.asyncDispose]())

  it.concurrent('loses, doubles and bills no word twice, whatever connection breaks', async () => {
    const runs: StruckRun[] = []
    const note = (run: StruckRun) => void runs.push(run)
    const cases = faultCases.filter(({ leg, name }) => GUARDED.includes(`${leg}: ${name}`))
    expect(cases).toHaveLength(GUARDED.length)
    await runCases(stage, yardsticks, cases, cases.length, note)
    expect(runs).toHaveLength(GUARDED.length)
    expect(unbroken).toHaveLength(yardsticks.length)
    expect(told([...unbroken, ...runs]).filter(([, ...broken]) => broken.length > 0)).toEqual([])
  })

  it.concurrent('goes on at the next server, once each word and once the bill, where one ends', async () => {
    const runs: StruckRun[] = []
    const terminate = serverCases.find(({ name }) => name === 'server: SIGTERM')
    if (!terminate) throw new Error('There is no such case.')
    const options = { seed: 1, sessions: 2 }
    await runServerCase(stage, yardsticks, terminate, options, (run) => void runs.push(run))
    expect(told(runs)).toEqual([['server: SIGTERM'], ['server: SIGTERM']])
  })
})
