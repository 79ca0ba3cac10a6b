import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SESSION_ID, sessionId } from '../files/session-id.ts'

const EXTENSION = '.saywire-session'
/** Before a new one begins, the oldest go until there are fewer, */
const KEPT_MAX = 20
/** and until they are smaller together, without the new one. */
const KEPT_BYTES_MAX = 2_000_000_000

export interface KeptRecording {
  readonly id: string
  /** Epoch, ms. */
  readonly startedAtMs: number
  readonly bytes: number
}

/** Recordings of past sessions, in a folder of the app's own. */
export interface KeptRecordings {
  /** Of a recording that begins now. */
  newId(startedAt: Date): string
  /** Undefined where the id names no recording; never a path outside the folder. */
  pathOf(id: string): string | undefined
  /** The newest first. */
  list(): Promise<KeptRecording[]>
  remove(id: string): Promise<void>
  /** Makes room for a new one. Never rejects. */
  prune(): Promise<void>
}

export function createKeptRecordings(folder: string): KeptRecordings {
  const pathOf = (id: string) =>
    SESSION_ID.test(id) ? join(folder, `${id}${EXTENSION}`) : undefined

  async function list(): Promise<KeptRecording[]> {
    const names = await readdir(folder).catch(() => [])
    const found = await Promise.all(
      names.map(async (name) => {
        const id = name.slice(0, -EXTENSION.length)
        const path = name.endsWith(EXTENSION) ? pathOf(id) : undefined
        const stats = path && (await stat(path).catch(() => undefined))
        return stats ? [{ id, startedAtMs: startOf(id), bytes: stats.size }] : []
      }),
    )
    return found.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1))
  }

  async function remove(id: string): Promise<void> {
    const path = pathOf(id)
    if (path) await rm(path, { force: true })
  }

  return {
    newId: sessionId,
    pathOf,
    list,
    remove,
    async prune() {
      let bytes = 0
      for (const [index, recording] of (await list()).entries()) {
        bytes += recording.bytes
        const isTooMuch = index >= KEPT_MAX - 1 || bytes > KEPT_BYTES_MAX
        if (isTooMuch) await remove(recording.id).catch(() => undefined)
      }
    },
  }
}

/** The id begins with it. */
function startOf(id: string): number {
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(id) ?? []
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
}
