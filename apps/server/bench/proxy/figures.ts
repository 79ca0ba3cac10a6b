import type { Measured } from './measure.ts'
import { median } from './percentiles.ts'
import type { TargetName } from './play.ts'

/** All measurements of one target at one number of clients, in one: medians over its rounds. */
export interface Figures {
  readonly target: string
  readonly streams: number
  /** Beyond what it takes without anything between, ms. */
  readonly audioP50Ms: number
  readonly audioP99Ms: number
  readonly wordsP50Ms: number
  readonly wordsP99Ms: number
  readonly cpuMsPerStreamS: number
  readonly rssMb: number
}

export function figuresOf(
  rounds: readonly Measured[],
  direct: readonly Measured[],
  target: TargetName,
): Figures {
  const own = rounds.filter((round) => round.target === target)
  const over = (pick: (round: Measured) => number): number => median(own.map(pick))
  const added = (pick: (round: Measured) => number): number =>
    Math.max(0, (over(pick) - median(direct.map(pick))) / 1000)
  return {
    target,
    streams: own[0]?.streams ?? 0,
    audioP50Ms: added(({ audioUs }) => audioUs.p50),
    audioP99Ms: added(({ audioUs }) => audioUs.p99),
    wordsP50Ms: added(({ wordsUs }) => wordsUs.p50),
    wordsP99Ms: added(({ wordsUs }) => wordsUs.p99),
    cpuMsPerStreamS: over(({ cpuMsPerStreamS }) => cpuMsPerStreamS),
    rssMb: over(({ rssBytes }) => rssBytes / 1024 ** 2),
  }
}

const COLUMNS = [
  ['streams', (row: Figures) => String(row.streams)],
  ['audio p50', (row: Figures) => ms(row.audioP50Ms)],
  ['audio p99', (row: Figures) => ms(row.audioP99Ms)],
  ['words p50', (row: Figures) => ms(row.wordsP50Ms)],
  ['words p99', (row: Figures) => ms(row.wordsP99Ms)],
  ['CPU/stream-s', (row: Figures) => ms(row.cpuMsPerStreamS)],
  ['RSS', (row: Figures) => `${row.rssMb.toFixed(0)} MB`],
] as const

/** Of one process that more and more clients joined, bytes; NaN where there was one number of them. */
export function rssPerSession(rungs: readonly Measured[]): number {
  const [first, last] = [rungs[0], rungs.at(-1)]
  if (!first || !last || last.streams <= first.streams) return Number.NaN
  return (last.rssBytes - first.rssBytes) / (last.streams - first.streams)
}

/** For people: what each target adds, and in the last column how its CPU compares with `baseline`. */
export function toTable(rows: readonly Figures[], baseline: Figures | undefined): string[] {
  const head = ['', ...COLUMNS.map(([name]) => name), 'CPU ratio']
  const body = rows.map((row) => {
    const ratio = row.cpuMsPerStreamS / (baseline?.cpuMsPerStreamS ?? Number.NaN)
    return [
      row.target,
      ...COLUMNS.map(([, show]) => show(row)),
      Number.isNaN(ratio) ? '' : ratio.toFixed(2),
    ]
  })
  return [head, ...body].map((cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(11) : cell.padStart(13))).join(''),
  )
}

function ms(value: number): string {
  return Number.isNaN(value) ? '' : `${value.toFixed(value < 1 ? 3 : 1)} ms`
}
