import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { SpeechEvent } from '@saywire/speech'
import type { WordErrors } from '@saywire/speech/testing'
import { wordErrorRate, wordErrors } from '@saywire/speech/testing'
import { z } from 'zod'
import { runSaywire } from '../src/cli/testing/run-saywire.ts'

/** Speech with reference texts: files beside the manifest, lengths in seconds. */
const manifestSchema = z.array(
  z.object({ file: z.string(), lang: z.string(), reference: z.string(), duration: z.number() }),
)

/** The default model hears the test set with 3.5 % errors when it is given whole files; cutting costs some. */
const PROMISED_RATE = 0.07

const OPTIONS = {
  engine: { type: 'string', default: 'local' },
  lang: { type: 'string', default: 'en' },
  json: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const

/**
 * `wer <manifest.json> [--engine local|managed|byok] [--lang en] [--json FILE] [--quick]`: word error
 * rate of `saywire caption --fast` over a folder of speech, file by file. False: the promise is broken.
 */
export async function wordErrorBench(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  const manifest = positionals[0]
  if (manifest === undefined) throw new Error('Name a manifest.json.')
  const all = manifestSchema.parse(JSON.parse(await readFile(manifest, 'utf8')))
  const clips = all.filter(
    (clip) =>
      clip.lang === values.lang && clip.reference !== '' && clip.file.startsWith(`${values.lang}/`),
  )
  const results: (WordErrors & { file: string; audioS: number; tookS: number; heard: string })[] =
    []
  for (const clip of clips.slice(0, values.quick ? 6 : clips.length)) {
    const startMs = performance.now()
    const file = join(dirname(manifest), clip.file)
    const run = await runSaywire(['caption', file, '--fast', '--json', '--engine', values.engine])
    if (run.code !== 0) throw new Error(`${clip.file}: exit code ${run.code}: ${run.stderr}`)
    const heard = finalsOf(run.stdout)
    const errors = wordErrors(clip.reference, heard)
    const tookS = (performance.now() - startMs) / 1000
    results.push({ file: clip.file, audioS: clip.duration, tookS, heard, ...errors })
    const score = `${errors.errors}/${errors.words}`.padStart(8)
    print(
      `${clip.file.padEnd(36)} ${score} ${clip.duration.toFixed(1).padStart(7)} s audio ${tookS.toFixed(1).padStart(7)} s`,
    )
  }
  const rate = wordErrorRate(results)
  const audioS = results.reduce((sum, result) => sum + result.audioS, 0)
  const tookS = results.reduce((sum, result) => sum + result.tookS, 0)
  if (values.json !== undefined)
    await writeFile(values.json, JSON.stringify({ rate, results }, null, 1))
  const kept = rate <= PROMISED_RATE
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`
  print(
    `${kept ? 'kept' : 'BROKEN'}: ${percent(rate)} word errors (promised: at most ${percent(PROMISED_RATE)}) over ` +
      `${results.length} files, ${audioS.toFixed(0)} s of audio in ${tookS.toFixed(0)} s, start-up included`,
  )
  return kept
}

function finalsOf(jsonLines: string): string {
  const events = jsonLines
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SpeechEvent)
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
