// The local speech engine: words, latencies, word times, cost and memory against whisper-cli; nothing invented.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import {
  DEFAULT_MODEL,
  defaultModelSources,
  defaultThreads,
  ensureModel,
  ensureWhisperLibrary,
} from '@saywire/speech/whisper'
import { readEnv } from '../src/env.ts'
import { describeMachine } from './local/machine.ts'
import { PARTS, runParts } from './local/parts.ts'
import { report, say } from './local/report.ts'
import { readSpeechSet } from './local/speech-set.ts'
import { prepareWhisperCli } from './local/whisper-cli.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Under 50 s, over a few clips. */
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench-results/local.json' },
    model: { type: 'string', default: DEFAULT_MODEL },
    threads: { type: 'string' },
    /** Of real-time streaming; all clips once where that is longer. */
    minutes: { type: 'string', default: '30' },
    /** Of each sound without a word. */
    'sound-minutes': { type: 'string', default: '10' },
    /** Parts with commas between; default all. */
    only: { type: 'string', default: PARTS.join(',') },
    seed: { type: 'string', default: '1' },
  },
})
const only = PARTS.filter((part) => values.only.split(',').includes(part))
if (only.length === 0) throw new Error(`--only takes ${PARTS.join(', ')}, with commas between.`)
const threads = Number(values.threads ?? defaultThreads(availableParallelism()))
const { modelsDir, nativeDir, modelFile } = readEnv()
const machine = describeMachine()
await ensureWhisperLibrary({ nativeDir, onNotice: say })
const sources = defaultModelSources({ modelsDir, modelFile, name: values.model })
const { path: modelPath } = await ensureModel({
  name: values.model,
  modelsDir,
  onNotice: say,
  sources,
})
const cli = await prepareWhisperCli({ nativeDir, modelPath, threads, onNotice: say })
const set = await readSpeechSet(positionals[0])
const startedAtMs = performance.now()
say(`${machine.cpu}, ${machine.cores} cores; load average before: ${machine.loadBefore}`)
say(`${machine.date}; model ${values.model}, ${threads} threads; against ${cli.version}`)
say(`${set.name}: ${set.clips.length} clips of English, ${set.noises.length} without a word`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cli.dispose().finally(() => process.exit(1)))
}
let isKept = false
try {
  const { figures, promises } = await runParts({
    only,
    isQuick: values.quick,
    set,
    cli,
    setting: { model: values.model, modelsDir, nativeDir, threads },
    streamMs: Number(values.minutes) * 60_000,
    soundMs: Number(values['sound-minutes']) * 60_000,
    seed: Number(values.seed),
  })
  const setting = { model: values.model, threads, set: set.name, baseline: cli.version, only }
  const tookS = (performance.now() - startedAtMs) / 1000
  const result = { bench: 'local', quick: values.quick, tookS, machine, setting, promises, figures }
  isKept = await report(result, values.json)
} catch (error) {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say(`BROKEN: the run itself failed: ${reason}`)
} finally {
  await cli.dispose()
}
process.exit(isKept ? 0 : 1)
