// How long a history of many sessions takes to list and to search: `history [sessions] [--quick]`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { renderTranscript } from '../src/files/caption-formats.ts'
import { createCaptionHistory } from '../src/files/caption-history.ts'
import { finalOf } from '../src/files/testing/final-of.ts'

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  allowPositionals: true,
})
const sessions = Number(positionals[0] ?? (values.quick ? 500 : 3000))
const CAPTIONS = 300
/** What is promised of a list that was made before, for each thousand of sessions. */
const LIST_MS_MAX = 500
const tookMs: Record<string, number> = {}
const WORDS = 'so this is what we say in the stream today and nobody listens'

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-bench-'))
  try {
    const captions = Array.from({ length: CAPTIONS }, (_, index) => finalOf(WORDS, index * 5000))
    const facts = { title: 'T', startedAt: new Date(), engine: 'x', language: 'en', files: [] }
    const text = renderTranscript(captions, 'json', facts, { timestamps: false })
    for (let index = 0; index < sessions; index += 1) {
      const id = `20261120-200000-${index.toString(16).padStart(6, '0')}`
      await writeFile(join(folder, `${id}.json`), text)
    }
    print(`${sessions} sessions of ${CAPTIONS} captions, ${Math.round(text.length / 1000)} kB each`)
    const history = createCaptionHistory({ folder })
    await timed('first list', () => history.list())
    const listMs = await timed('list again', () => history.list())
    await timed('list after a restart', () => createCaptionHistory({ folder }).list())
    await timed('first search', () => history.search('not to be found'))
    await timed('search again', () => history.search('not to be found either'))
    await timed('search that finds 100', () => history.search('nobody listens'))
    print(`${Math.round(process.memoryUsage().rss / 1e6)} MB resident`)
    const kept = listMs <= (LIST_MS_MAX * sessions) / 1000
    const file = resolve(values.json ?? 'bench-results/history.json')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify({ bench: 'history', kept, sessions, tookMs }, null, 1))
    const verdict = `${kept ? 'kept' : 'BROKEN'}: a known session costs the list`
    print(`${verdict} ${(listMs / sessions).toFixed(2)} ms (${file})`)
    if (!kept) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function timed(what: string, work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  const ms = Math.round(performance.now() - startedMs)
  tookMs[what] = ms
  print(`${what.padEnd(24)} ${ms} ms`)
  return ms
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await measure()
