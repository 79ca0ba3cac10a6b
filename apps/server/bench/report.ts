import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** Something that is stated to hold, and what was measured. */
export interface Promised {
  readonly promise: string
  readonly kept: boolean
  readonly measured: string
}

export interface Findings {
  /** What goes into the JSON file beside the promises. */
  readonly figures: Readonly<Record<string, unknown>>
  readonly promises: readonly Promised[]
}

export interface BenchRun {
  /** Under 50 seconds, over fewer rounds. */
  readonly isQuick: boolean
  /** Whatever a bench leaves to chance, it leaves to this number. */
  readonly seed: number
  /** So many of whatever a bench sends, instead of its own number. */
  readonly cases: number | undefined
  /** Registers what must happen at the end, also of a failed run; the last one registered first. */
  atEnd(end: () => Promise<unknown>): void
}

/**
 * Runs a bench, prints the table of its promises and its verdict, writes both as JSON, and ends the
 * process: with 0 where every promise was kept, otherwise with 1.
 * Options: `--quick`, `--seed <number>`, `--cases <number>` (of the benches that count
 * cases), `--json <file>` (default `bench-results/<name>.json`).
 */
export async function runBench(
  name: string,
  measure: (run: BenchRun) => Promise<Findings>,
): Promise<never> {
  const options = {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string' },
    json: { type: 'string' },
  } as const
  const { values } = parseArgs({ options })
  const startedAtMs = performance.now()
  const ends: (() => Promise<unknown>)[] = []
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).toReversed()) await each()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().finally(() => process.exit(1)))
  }
  try {
    const run = {
      isQuick: values.quick,
      seed: Number(values.seed),
      cases: values.cases === undefined ? undefined : Number(values.cases),
      atEnd: (each: () => Promise<unknown>) => ends.push(each),
    }
    const { figures, promises } = await measure(run)
    const tookS = (performance.now() - startedAtMs) / 1000
    const isKept = promises.every(({ kept }) => kept)
    const file = resolve(values.json ?? `bench-results/${name}.json`)
    await mkdir(dirname(file), { recursive: true })
    const result = { bench: name, quick: values.quick, kept: isKept, tookS, promises, figures }
    await writeFile(file, `${JSON.stringify(result, null, 1)}\n`)
    say('')
    for (const promised of promises) say(toLine(promised))
    const broken = promises.filter(({ kept }) => !kept).length
    const verdict = isKept ? 'kept: every promise' : `BROKEN: ${broken} of ${promises.length}`
    await end()
    say(`${verdict} (${name}${values.quick ? ' --quick' : ''}, ${tookS.toFixed(0)} s, ${file})`)
    process.exit(isKept ? 0 : 1)
  } catch (error) {
    await end()
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    say(`BROKEN: the run itself failed: ${reason}`)
    process.exit(1)
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function toLine({ promise, kept, measured }: Promised): string {
  return `${kept ? 'kept  ' : 'BROKEN'} ${promise.padEnd(76)} ${measured}`
}
