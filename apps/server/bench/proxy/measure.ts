import { setTimeout as sleep } from 'node:timers/promises'
import type { FakeQuestions } from './fake-process.ts'
import type { LoadQuestions } from './load-process.ts'
import type { Percentiles } from './percentiles.ts'
import { readCpuMs, readRssBytes } from './process-costs.ts'
import type { Answerer } from './questions.ts'
import type { Target } from './targets.ts'

export interface Players {
  readonly fake: Answerer<FakeQuestions>
  readonly load: Answerer<LoadQuestions>
}

/** One target under so many clients. */
export interface Measured {
  readonly target: string
  /** That wanted to stream. */
  readonly wanted: number
  /** That did; the others were told `busy`. */
  readonly streams: number
  /** Of those, at the end of the window. */
  readonly streaming: number
  /** One way, µs. */
  readonly audioUs: Percentiles
  readonly wordsUs: Percentiles
  /** How late the generator itself sent frames, µs. */
  readonly lateUs: Percentiles
  /** Of the target alone; NaN where nothing stands between. */
  readonly cpuMsPerStreamS: number
  /** Of the target. */
  readonly rssBytes: number
  /** Share of its core that the fake, and that the generator used. */
  readonly fakeCores: number
  readonly loadCores: number
}

/** Until what the opening of so many sessions costs is over, and V8 has compiled what is hot. */
const SETTLING_IN_MAX_MS = 5000

/** Measures the clients that speak for so long, and leaves them speaking. */
export async function measure(
  { fake, load }: Players,
  target: Target,
  options: {
    readonly streams: number
    readonly windowMs: number
  },
): Promise<Measured> {
  await sleep(Math.min(SETTLING_IN_MAX_MS, options.windowMs))
  await Promise.all([fake.ask('latencies', undefined), load.ask('latencies', undefined)])
  const readAll = async (): Promise<number[]> =>
    Promise.all(
      [target.pid, fake.pid, load.pid].map(async (pid) =>
        pid === undefined ? Number.NaN : readCpuMs(pid),
      ),
    )
  const streams = await load.ask('streaming', undefined)
  const before = await readAll()
  const beganMs = performance.now()
  await sleep(options.windowMs)
  const after = await readAll()
  const tookS = (performance.now() - beganMs) / 1000
  const audioUs = await fake.ask('latencies', undefined)
  const { heardUs, lateUs } = await load.ask('latencies', undefined)
  const [targetMs = 0, fakeMs = 0, loadMs = 0] = after.map((ms, i) => ms - (before[i] ?? 0))
  return {
    target: target.name,
    wanted: options.streams,
    streams,
    streaming: await load.ask('streaming', undefined),
    audioUs,
    wordsUs: heardUs,
    lateUs,
    cpuMsPerStreamS: targetMs / tookS / streams,
    rssBytes: target.pid === undefined ? 0 : await readRssBytes(target.pid),
    fakeCores: fakeMs / tookS / 1000,
    loadCores: loadMs / tookS / 1000,
  }
}
