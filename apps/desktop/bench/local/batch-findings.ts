import { wordErrorRate } from '@saywire/speech/testing'
import type { BatchResult, Decoded } from './batch.ts'
import { LIMITS } from './limits.ts'
import type { Findings } from './report.ts'
import { figure, percent, row, say } from './report.ts'
import { sumOf } from './statistics.ts'

const WAYS = ['plain', 'greedy', 'engine'] as const
type Way = (typeof WAYS)[number]
const NAMES = {
  plain: 'whisper-cli',
  greedy: 'cli -bs 1 -bo 1',
  engine: 'engine',
} as const satisfies Record<Way, string>

/** Word errors of whole files, and what each of the three ways of decoding them costs. */
export function batchFindings(results: readonly BatchResult[]): Findings {
  const audioS = sumOf(results.map(({ clip }) => clip.durationMs)) / 1000
  const tables = {
    errorRates: categoriesOf(results).map((category) => {
      const rate = rates(results.filter(({ clip }) => clip.category === category))
      return { category, rate }
    }),
    clean: rates(results.filter(({ clip }) => !clip.isNoisy)),
    noisy: rates(results.filter(({ clip }) => clip.isNoisy)),
    costs: Object.fromEntries(WAYS.map((way) => [way, costOf(results, way, audioS)])),
  }
  say('')
  say(row('word errors, whole files', ...WAYS.map((way) => NAMES[way]), 'words'))
  for (const { category, rate } of tables.errorRates) say(toLine(category, rate))
  say(toLine('clean, all', tables.clean))
  if (tables.noisy.words > 0) say(toLine('noisy, all', tables.noisy))
  say('')
  say(row('whole files', 'real-time', 'CPU s per s', 'to whisper-cli', 'CPU to its CPU'))
  const costs = WAYS.map((way) => ({ way, ...costOf(results, way, audioS) }))
  const [plain] = costs
  for (const { way, realTimeFactor, cpuPerAudioS } of costs) {
    const cpuRatio = ratio(cpuPerAudioS, plain?.cpuPerAudioS)
    const against = figure(ratio(realTimeFactor, plain?.realTimeFactor))
    say(
      row(
        NAMES[way],
        figure(realTimeFactor, 3),
        figure(cpuPerAudioS, 3),
        against,
        figure(cpuRatio),
      ),
    )
  }
  const throughput = tookS(results, 'plain') / tookS(results, 'engine')
  return {
    figures: {
      ...tables,
      audioS,
      throughput,
      throughputOfGreedy: tookS(results, 'greedy') / tookS(results, 'engine'),
      files: results.map(({ clip, ...ways }) => ({ file: clip.file, ...ways })),
    },
    promises: [
      {
        promise: `batch: at least ${LIMITS.batchThroughput} of whisper-cli's throughput`,
        measured: figure(throughput),
        kept: throughput >= LIMITS.batchThroughput,
      },
    ],
  }
}

function categoriesOf(results: readonly BatchResult[]): string[] {
  return [...new Set(results.map(({ clip }) => clip.category))]
}

function rates(results: readonly BatchResult[]) {
  return {
    words: sumOf(results.map(({ plain }) => plain.words)),
    plain: wordErrorRate(results.map(({ plain }) => plain)),
    greedy: wordErrorRate(results.map(({ greedy }) => greedy)),
    engine: wordErrorRate(results.map(({ engine }) => engine)),
  }
}

function toLine(name: string, rate: ReturnType<typeof rates>): string {
  return row(name, ...WAYS.map((way) => percent(rate[way])), String(rate.words))
}

function costOf(results: readonly BatchResult[], way: Way, audioS: number) {
  const cpu = results.map((result) => result[way].cpuS)
  const known = cpu.filter((cpuS) => cpuS !== undefined)
  return {
    realTimeFactor: tookS(results, way) / audioS,
    cpuPerAudioS: known.length < cpu.length ? undefined : sumOf(known) / audioS,
  }
}

function tookS(results: readonly BatchResult[], way: Way): number {
  return sumOf(results.map((result): Decoded => result[way]).map((decoded) => decoded.tookS))
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b
}
