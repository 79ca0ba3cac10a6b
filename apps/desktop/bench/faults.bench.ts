// Connections cut, stalled and torn, servers killed, the database away, in the middle of speech: no word is lost.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '@saywire/speech/testing'
import { faultCases } from './faults/fault-cases.ts'
import type { FaultStage } from './faults/fault-stage.ts'
import { setFaultStage } from './faults/fault-stage.ts'
import type { StruckRun } from './faults/fault-table.ts'
import { brokenPromises, faultTable } from './faults/fault-table.ts'
import type { Move } from './faults/moves.ts'
import { isMoveKept, moveLine } from './faults/moves.ts'
import type { Yardstick } from './faults/run-matrix.ts'
import { measureYardsticks, runCases, runServerCase } from './faults/run-matrix.ts'
import type { ServerCase } from './faults/server-cases.ts'
import { serverCases } from './faults/server-cases.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    /** Only rows whose name has this in it. */
    only: { type: 'string', default: '' },
    /** Sessions at a time: the machine must keep up with what they say. */
    lanes: { type: 'string', default: '30' },
    /** What is said in each session, ms: the shorter, the nearer every fault is to its beginning or end. */
    'script-ms': { type: 'string', default: '18000' },
    /** The same seed meets the same moments. */
    seed: { type: 'string', default: '1' },
  },
})
/** Sessions of a server that ends: two cores, which run everything here, open so many in 0.34 s. */
const AT_ONCE = 16
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const startedAtMs = performance.now()
const firstSeed = Number(values.seed)
const plan = values.quick
  ? { count: 2, durationMs: 6000, rounds: 1, sessions: 5 }
  : {
      count: 10,
      durationMs: Number(values['script-ms']),
      rounds: 3,
      sessions: AT_ONCE,
    }

const runs: StruckRun[] = []
const moves: Move[] = []
function note(run: StruckRun): void {
  runs.push(run)
  const broken = brokenPromises(run)
  if (broken.length === 0) return
  print(`${run.fault} (seed ${run.seed}, at ${run.atMs} ms): ${broken.join(', ')}`)
}

const stage = await setFaultStage()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stage[Symbol.asyncDispose]().then(() => process.exit(1)))
}
print(`${((performance.now() - startedAtMs) / 1000).toFixed(0)} s: the stage is set`)
try {
  const yardsticks = measureYardsticks(stage, plan, note)
  const cases = faultCases
    .filter(({ inQuick }) => inQuick || !values.quick)
    .filter(({ leg, name }) => `${leg}: ${name}`.includes(values.only))
    .flatMap((each) =>
      Array.from({ length: values.quick ? 1 : plan.rounds * each.share }, () => each),
    )
  const servers = serverCases
    .filter(({ inQuick }) => inQuick || !values.quick)
    .filter(({ name }) => name.includes(values.only))
  // What is timed is alone on the machine, where there is time for that.
  const timed = values.quick ? [] : servers.filter(({ movesSessions }) => movesSessions)
  if (timed.length > 0) await Promise.all(yardsticks.map(({ cues }) => cues))
  await runServerCases(stage, yardsticks, timed)
  await Promise.all([
    runCases(stage, yardsticks, shuffled(cases), Number(values.lanes), note),
    runServerCases(
      stage,
      yardsticks,
      servers.filter((each) => !timed.includes(each)),
    ),
    ...yardsticks.map(({ cues }) => cues),
  ])
} finally {
  await stage[Symbol.asyncDispose]()
}

runs.sort((a, b) => a.fault.localeCompare(b.fault))
print('')
for (const line of faultTable(runs)) print(line)
for (const move of moves) print(moveLine(move))
const broken = runs.filter((run) => brokenPromises(run).length > 0)
const isKept = broken.length === 0 && moves.every(isMoveKept)
const tookS = (performance.now() - startedAtMs) / 1000
const file = resolve(values.json ?? 'bench-results/faults.json')
await mkdir(dirname(file), { recursive: true })
const figures = runs.map((run) => ({ ...run, broken: brokenPromises(run) }))
await writeFile(
  file,
  `${JSON.stringify({ bench: 'faults', quick: values.quick, kept: isKept, tookS, moves, runs: figures }, null, 1)}\n`,
)
const verdict = isKept
  ? `kept: every word once, in order, on time, and billed once, in ${runs.length} runs`
  : `BROKEN: ${broken.length} of ${runs.length} runs${moves.every(isMoveKept) ? '' : ', and moving to the next server'}`
print(`${verdict} (faults${values.quick ? ' --quick' : ''}, ${tookS.toFixed(0)} s, ${file})`)
process.exit(isKept ? 0 : 1)

/** One after the other: each needs both servers whole. */
async function runServerCases(
  stage: FaultStage,
  yardsticks: readonly Yardstick[],
  cases: readonly ServerCase[],
): Promise<void> {
  for (const [i, each] of cases.entries()) {
    // Who comes last leaves it as it is: it takes time.
    if (i > 0) await cases[i - 1]?.mend?.(stage)
    const struck: StruckRun[] = []
    const seed = firstSeed + 1000 * (1 + serverCases.indexOf(each))
    const options = { seed, sessions: plan.sessions }
    const freshMs = await runServerCase(stage, yardsticks, each, options, (run) => {
      struck.push(run)
      note(run)
    })
    if (each.movesSessions) moves.push(moveOf(each, struck, freshMs))
  }
}

function moveOf(each: ServerCase, struck: readonly StruckRun[], freshMs: readonly number[]): Move {
  return {
    fault: each.name,
    movedMs: struck.flatMap(({ movedMs }) => movedMs ?? []),
    toldMs: struck.flatMap(({ toldMs }) => toldMs ?? []),
    freshMs,
    silentMs: struck.map(({ result }) => result.worstLagMs),
    isPromised: each.tellsSessions,
  }
}

function shuffled<T>(things: readonly T[]): T[] {
  const random = createRandom(firstSeed)
  return things
    .map((thing) => ({ thing, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ thing }) => thing)
}
