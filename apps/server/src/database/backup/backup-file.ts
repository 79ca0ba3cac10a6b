import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'

/*
 * A backup is gzip over lines: what it is, then each row as `table<TAB>JSON`, then how many rows there
 * were. Rows are written and read by PostgreSQL; here they are text, so that no number is rounded.
 */
const START = '#saywire-backup '
const END = '#end '

const headerSchema = z.object({
  version: z.literal(1),
  created_at: z.iso.datetime(),
  /** Those of its schema, oldest first. */
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })).min(1),
  /** In an order in which each refers only to those before it. */
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
})

export type BackupHeader = z.infer<typeof headerSchema>

export interface BackupRow {
  readonly table: string
  readonly json: string
}

/** A file that is no backup, or not a whole one. The message is for the operator. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/**
 * The file is there whole or not at all, and for nobody else to read: it holds password hashes.
 * @returns how many rows were written
 * @throws BackupError where the file exists; Error where it cannot be written
 */
export async function writeBackupFile(
  path: string,
  header: BackupHeader,
  rows: AsyncIterable<BackupRow>,
): Promise<number> {
  let count = 0
  async function* lines() {
    yield `${START}${JSON.stringify(header)}\n`
    for await (const { table, json } of rows) {
      count += 1
      yield `${table}\t${json}\n`
    }
    yield `${END}${count}\n`
  }
  const unfinished = `${path}.unfinished`
  await claim(path)
  try {
    const file = createWriteStream(unfinished, { mode: 0o600, flush: true })
    await pipeline(Readable.from(lines()), createGzip(), file)
    await rename(unfinished, path)
  } catch (error) {
    for (const each of [unfinished, path]) await rm(each, { force: true })
    throw error
  }
  return count
}

/** So that nothing is written over. */
async function claim(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    throw new BackupError(`${path} exists already. Choose another name.`, { cause: error })
  }
}

/**
 * @param load is given what the file is and its rows, which end by an error where rows are missing
 * @throws BackupError
 */
export async function readBackupFile<T>(
  path: string,
  load: (header: BackupHeader, rows: AsyncIterable<BackupRow>) => Promise<T>,
): Promise<T> {
  const file = createReadStream(path)
  await once(file, 'open').catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
    throw new BackupError(`There is no file ${path}.`, { cause: error })
  })
  const lines = readLines(file.pipe(createGunzip()), file)
  try {
    const first = await lines.next()
    return await load(parseHeader(path, first.value ?? ''), rowsOf(path, lines))
  } catch (error) {
    // zlib's: it is none, it is damaged, it ends too early.
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('Z_'))
      throw new BackupError(`${path} is no whole backup.`, { cause: error })
    throw error
  } finally {
    file.destroy()
  }
}

function parseHeader(path: string, line: string): BackupHeader {
  if (!line.startsWith(START)) throw new BackupError(`${path} is no backup of Saywire.`)
  const header = headerSchema.safeParse(JSON.parse(line.slice(START.length)))
  if (header.success) return header.data
  throw new BackupError(`${path} was made by a newer server: restore it with that one.`)
}

async function* rowsOf(path: string, lines: AsyncIterable<string>): AsyncGenerator<BackupRow> {
  let count = 0
  for await (const line of lines) {
    if (line.startsWith(END)) {
      if (line === `${END}${count}`) return
      break
    }
    const tab = line.indexOf('\t')
    count += 1
    yield { table: line.slice(0, tab), json: line.slice(tab + 1) }
  }
  throw new BackupError(`${path} is no whole backup.`)
}

/** By line feeds alone: Node's readline also splits at U+2028, which people may have in a name. */
async function* readLines(stream: Readable, source: Readable): AsyncGenerator<string> {
  source.once('error', (error) => stream.destroy(error))
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function hasCode(error: unknown, start: string): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith(start)
}
