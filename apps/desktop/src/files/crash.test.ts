import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCaptionHistory } from './caption-history.ts'
import { parseSrt, parseVtt } from './testing/parse-subtitles.ts'

const script = fileURLToPath(new URL('testing/write-captions.ts', import.meta.url))
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-crash-'))
})
afterEach(async () => rm(folder, { recursive: true }))

/** Runs the writer, kills it at a random moment once its files are there, and returns how many finals it had. */
async function writeUntilKilled(): Promise<number> {
  const child = spawn(process.execPath, [
    '--import',
    import.meta.resolve('tsx'),
    script,
    folder,
    join(folder, 'history'),
  ])
  let [stdout, stderr] = ['', '']
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.stdout.on('data', (data: Buffer) => {
    if (stdout === '') setTimeout(() => child.kill('SIGKILL'), 1500 + Math.random() * 4000)
    stdout += data.toString()
  })
  await once(child, 'close')
  expect([stderr, child.signalCode]).toEqual(['', 'SIGKILL'])
  return stdout.trim().split('\n').length
}

it(
  'loses at most the last line to a kill, and every file can be read',
  { timeout: 120_000 },
  async () => {
    for (let round = 0; round < 5; round += 1) {
      await rm(folder, { recursive: true })
      const finals = await writeUntilKilled()
      const names = (await readdir(folder)).filter((name) => name.includes('Killed'))
      const read = async (extension: string) => {
        const name = names.find((name) => name.endsWith(extension)) ?? `no ${extension}`
        return readFile(join(folder, name), 'utf8')
      }
      const numbers = (text: string) =>
        (text.match(/final \d+/g) ?? []).map((hit) => Number(hit.slice(6)))
      const texts = (cues: { lines: readonly string[] }[]) =>
        cues.flatMap(({ lines }) => lines).join(' ')
      const history = createCaptionHistory({ folder: join(folder, 'history') })
      const [entry] = await history.list()
      const document = await history.read(entry?.id ?? '')
      const json = JSON.parse(await read('.json')) as { captions: { text: string }[] }

      const all = {
        txt: numbers(await read('.txt')),
        srt: numbers(texts(parseSrt(await read('.srt')))),
        vtt: numbers(texts(parseVtt(await read('.vtt')))),
        json: numbers(json.captions.map(({ text }) => text).join(' ')),
        history: numbers(document.captions.map(({ text }) => text).join(' ')),
      }
      for (const found of Object.values(all)) {
        expect(found).toEqual(found.map((_, index) => index + 1))
        expect(found.length).toBeGreaterThanOrEqual(finals - 1)
      }
    }
  },
)
