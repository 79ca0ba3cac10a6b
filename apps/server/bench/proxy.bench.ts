// What the server adds to every message: latency, CPU and memory, beside bare proxies and nginx.
import { cpus } from 'node:os'
import { sum } from './accounts-of-run.ts'
import { readCharges } from './database.ts'
import { createActs, TARGETS } from './proxy/acts.ts'
import type { Figures } from './proxy/figures.ts'
import { figuresOf, toTable } from './proxy/figures.ts'
import type { Measured } from './proxy/measure.ts'
import { setUpPlay } from './proxy/play.ts'
import {
  BASELINE,
  figuresOfRung,
  promisesOfBooks,
  promisesOfComparison,
  promisesOfFullProcess,
  promisesOfLadder,
  promisesOfMemory,
  promisesUnderAttack,
  USABLE_MS,
} from './proxy/promises.ts'
import { runBench, say } from './report.ts'

interface Plan {
  /** Clients with which the targets are compared, and in how many rounds. */
  readonly streams: number
  readonly rounds: number
  /** More and more clients of one server. */
  readonly ladder: readonly number[]
  readonly attacked: number
  readonly windowMs: number
  /** That are sent to the server at least, in all. */
  readonly frames: number
}

const QUICK: Plan = {
  streams: 50,
  rounds: 1,
  ladder: [100],
  attacked: 50,
  windowMs: 1500,
  frames: 0,
}
const FULL: Plan = {
  streams: 150,
  rounds: 3,
  ladder: [150, 300, 600, 1000],
  attacked: 150,
  windowMs: 10_000,
  frames: 1_000_000,
}

await runBench('proxy', async (run) => {
  const plan = run.isQuick ? QUICK : FULL
  const play = await setUpPlay(run)
  const acts = createActs(run, play)
  say(`${cpus()[0]?.model ?? 'unknown processor'}: ${play.cores.description}`)

  const before = await play.fake.ask('counts', undefined)
  const rounds = await acts.compare(plan.streams, plan.rounds, plan.windowMs)
  const direct = rounds.filter(({ target }) => target === 'direct')
  const compared = TARGETS.filter((name) => rounds.some(({ target }) => target === name)).map(
    (name) => figuresOf(rounds, direct, name),
  )
  const ours = compared.find(({ target }) => target === 'saywire')
  const bare = compared.find(({ target }) => target === BASELINE)
  if (!ours || !bare) throw new Error('nothing was measured')
  for (const line of toTable(compared, bare)) say(line)

  const { ladder, windowMs, frames } = plan
  const directRungs: Measured[] = []
  for (const streams of ladder) directRungs.push(await acts.direct(streams, windowMs))
  const bareRungs = ladder.length > 1 ? await acts.climb(BASELINE, ladder, { windowMs }) : []
  const ownRungs = await acts.climb('saywire', ladder, { windowMs, frames })
  const rungs = ownRungs.map((server, i) => ({ server, direct: directRungs[i] ?? server }))
  const climbed = rungs.map(figuresOfRung)
  const bareClimbed = bareRungs.map((one, i) =>
    figuresOf([one], directRungs.slice(i, i + 1), BASELINE),
  )
  const flagless: Figures[] = []
  if (ladder.length > 1) {
    const [streams = 0, direct] = [ladder.at(-1), directRungs.at(-1)]
    const [one] = await acts.climb('no flags', [streams], { windowMs })
    if (one && direct) flagless.push(figuresOf([one], [direct], 'no flags'))
  }
  for (const line of toTable([...bareClimbed, ...climbed, ...flagless], bare)) say(line)
  const usable = climbed.findLast(({ audioP99Ms }) => audioP99Ms < USABLE_MS)
  say(`p99 added is below ${USABLE_MS} ms up to ${usable?.streams ?? 0} streams of one process`)

  const attacked = await acts.attack(plan.attacked, plan.windowMs)
  const counts = await play.fake.ask('counts', undefined)
  const chargedMs = sum([...(await readCharges(play.database)).values()])
  return {
    figures: {
      cores: play.cores.description,
      compared,
      rounds,
      rungs,
      bareRungs,
      flagless,
      attacked,
      counts,
    },
    promises: [
      ...promisesOfComparison(ours, bare),
      ...promisesOfFullProcess(ownRungs, bareRungs),
      ...promisesOfMemory(ownRungs, bareRungs),
      ...promisesOfLadder(rungs),
      ...promisesUnderAttack(attacked),
      ...promisesOfBooks(acts.words, counts, before, chargedMs, plan.frames),
    ],
  }
})
