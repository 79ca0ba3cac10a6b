import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Something that is stated to hold, and what was measured. */
export interface Promised {
  readonly promise: string
  readonly kept: boolean
  readonly measured: string
}

/** What a part of the bench has to say. */
export interface Findings {
  /** For the JSON file. */
  readonly figures: unknown
  readonly promises: readonly Promised[]
}

export interface BenchResult {
  readonly bench: string
  readonly quick: boolean
  readonly tookS: number
  readonly machine: unknown
  readonly setting: unknown
  readonly promises: readonly Promised[]
  /** By the part's name. */
  readonly figures: Readonly<Record<string, unknown>>
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints all promises and the verdict and writes the file. @returns whether all were kept */
export async function report(result: BenchResult, file: string): Promise<boolean> {
  const broken = result.promises.filter(({ kept }) => !kept).length
  const path = resolve(file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify({ ...result, kept: broken === 0 }, null, 1)}\n`)
  say('')
  for (const { promise, kept, measured } of result.promises) {
    say(`${kept ? 'kept  ' : 'BROKEN'} ${promise.padEnd(68)} ${measured}`)
  }
  const run = `${result.bench}${result.quick ? ' --quick' : ''}, ${result.tookS.toFixed(0)} s, ${path}`
  const { length } = result.promises
  say(broken === 0 ? `kept: every promise (${run})` : `BROKEN: ${broken} of ${length} (${run})`)
  return broken === 0
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

/** `0.44 s`; `none` where nothing was measured. */
export function seconds(ms: number | undefined): string {
  return ms === undefined ? 'none' : `${(ms / 1000).toFixed(2)} s`
}

/** A figure that this system may not tell. */
export function figure(value: number | undefined, digits = 2): string {
  return value === undefined ? 'not measured' : value.toFixed(digits)
}

/** Columns of fixed width: the first to the left, all others to the right. */
export function row(first: string, ...others: readonly string[]): string {
  return [first.padEnd(24), ...others.map((other) => other.padStart(15))].join(' ')
}
