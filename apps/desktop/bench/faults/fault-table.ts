import type { ScriptedRunResult } from './scripted-run.ts'

/** One run that was struck by a fault. */
export interface StruckRun {
  /** The row of the table that it belongs to. */
  readonly fault: string
  readonly seed: number
  readonly atMs: number
  /** Of the script: what an app that sends everything once has to pay for. */
  readonly audioMs: number
  /** The server died before it could write down the newest of what it had heard. */
  readonly billMayMissMs: number
  /** From the end of its server until the next one was ready for it. */
  readonly movedMs?: number | undefined
  /** Until it set out for it. */
  readonly toldMs?: number | undefined
  readonly result: ScriptedRunResult
  /** Against the unbroken run's subtitles. */
  readonly cues: { readonly isMonotonic: boolean; readonly offMs: number }
}

/** By which times may be off after a fault. */
export const OFF_MAX_MS = 50

/** What of the promises this run did not keep, in words; empty where it kept them all. */
export function brokenPromises({ result, cues, audioMs, billMayMissMs }: StruckRun): string[] {
  const { chargedMs, fellBack } = result
  const broken: string[] = []
  if (result.outcome !== 'completed') broken.push(result.outcome)
  for (const what of ['lost', 'doubled', 'misordered', 'invented'] as const) {
    if (result[what] > 0) broken.push(`${result[what]} ${what}`)
  }
  if (!cues.isMonotonic) broken.push('cues overlap')
  if (Math.max(cues.offMs, result.offMs) > OFF_MAX_MS) {
    broken.push(`off by ${Math.max(cues.offMs, result.offMs)} ms`)
  }
  if (chargedMs !== undefined) {
    const isShort = !fellBack && chargedMs < audioMs - billMayMissMs
    if (chargedMs > audioMs || isShort) broken.push(`billed ${chargedMs} of ${audioMs} ms`)
  }
  return broken
}

const COLUMNS = [
  ['fault', 48],
  ['runs', 5],
  ['words', 7],
  ['got', 7],
  ['lost', 6],
  ['twice', 6],
  ['order', 6],
  ['odd', 5],
  ['off ms', 7],
  ['billed−audio ms', 18],
  ['wait p50/p95 s', 15],
  ['', 9],
] as const

/** A row for each fault, with its verdict. */
export function faultTable(runs: readonly StruckRun[]): string[] {
  const names = [...new Set(runs.map(({ fault }) => fault))]
  const rows = names.map((name) =>
    row(
      name,
      runs.filter(({ fault }) => fault === name),
    ),
  )
  return [toLine(COLUMNS.map(([name]) => name)), ...rows]
}

function row(name: string, runs: readonly StruckRun[]): string {
  const sum = (what: 'wanted' | 'got' | 'lost' | 'doubled' | 'misordered' | 'invented') =>
    String(runs.reduce((total, { result }) => total + result[what], 0))
  const off = Math.max(...runs.map(({ result, cues }) => Math.max(result.offMs, cues.offMs)))
  const overMs = runs.flatMap(({ result, audioMs }) =>
    result.chargedMs === undefined ? [] : [result.chargedMs - audioMs],
  )
  const lags = runs.map(({ result }) => result.worstLagMs / 1000).toSorted((a, b) => a - b)
  const at = (share: number) => (lags[Math.floor(share * (lags.length - 1))] ?? 0).toFixed(1)
  const broken = runs.filter((run) => brokenPromises(run).length > 0).length
  return toLine([
    name,
    String(runs.length),
    ...(['wanted', 'got', 'lost', 'doubled', 'misordered', 'invented'] as const).map(sum),
    String(Math.round(off)),
    overMs.length === 0 ? '–' : `${Math.min(...overMs)} … ${Math.max(...overMs)}`,
    `${at(0.5)} / ${at(0.95)}`,
    broken === 0 ? 'held' : `BROKEN ${broken}`,
  ])
}

function toLine(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(COLUMNS[0][1]) : cell.padStart(COLUMNS[i]?.[1] ?? 8)))
    .join('')
}
