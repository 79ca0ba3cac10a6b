import { readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomically } from '../write-atomically.ts'

/** Days that are kept: more than the month that limits ask for. A bound of the file. */
const DAYS_MAX = 62

const schema = z.strictObject({
  version: z.literal(1),
  /** Audio accepted by cloud engines, ms, by local calendar day. */
  days: z.record(z.string().regex(/^\d{4}-\d{2}-\d{2}$/), z.number().nonnegative()),
})

export type SpentDays = Map<string, number>

/** The local calendar day, `2026-11-21`. */
export function dayOf(epochMs: number): string {
  const date = new Date(epochMs)
  const part = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`
}

/** Of this day's month, up to any day of it. */
export function spentInMonth(days: SpentDays, day: string): number {
  const month = day.slice(0, 8)
  return [...days].reduce((sum, [one, ms]) => (one.startsWith(month) ? sum + ms : sum), 0)
}

/** What cannot be read is kept under another name. */
export async function readSpentDays(
  file: string,
  nowMs: number,
  onProblem: (sentence: string) => void,
): Promise<SpentDays> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(await readFile(file, 'utf8'))).days))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    const date = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')
    const aside = file.replace(/(\.json)?$/, `.broken-${date}.json`)
    const kept = await rename(file, aside).then(
      () => `is kept in ${aside}`,
      () => 'cannot be read',
    )
    onProblem(`What your cloud captions took so far ${kept}: limits count from 0 again.`)
    return new Map()
  }
}

/** @throws the file system's error */
export async function writeSpentDays(file: string, days: SpentDays): Promise<void> {
  const newest = [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(-DAYS_MAX)
  const rounded = newest.map(([day, ms]) => [day, Math.round(ms)] as const)
  const content = { version: 1, days: Object.fromEntries(rounded) } as const
  await writeAtomically(file, `${JSON.stringify(content, undefined, 2)}\n`, 0o600)
}
