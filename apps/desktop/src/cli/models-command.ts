import { parseArgs } from 'node:util'
import {
  DEFAULT_MODEL,
  defaultModelSources,
  ensureModel,
  isModelPresent,
  modelCatalogue,
  recommendModel,
} from '@saywire/speech/whisper'
import type { DesktopEnv } from '../env.ts'
import { parsed } from './arguments.ts'
import { interruptSignal, showProgress } from './caption-run.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { createRememberedMachine } from '../models/machine-figures.ts'
import { formatMegabytes } from './progress-bar.ts'
import { recommendCommand } from './recommend-command.ts'
import type { RecommendedFor } from './recommend-command.ts'

export const MODELS_HELP = `saywire models
saywire models recommend [--language <tag>] [--translate]
saywire models fetch <name>

  Lists the models of the local engine, measures this computer for two seconds and says which of
  them is right for it and why, or fetches one. A fetch that is cut off goes on
  where it stopped, and nothing is used before its SHA-256 is right. Where nothing can be
  downloaded, SAYWIRE_MODEL_FILE names a copy on this machine. A model whose name ends with -q8_0
  is made of its plain weights where those are at hand.
`

/** `saywire models`. Returns the exit code; throws what main() describes. */
export async function modelsCommand(
  args: string[],
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  const options = { language: { type: 'string' }, translate: { type: 'boolean' } } as const
  const { positionals, values } = parsed(() => parseArgs({ args, options, allowPositionals: true }))
  const [action, name, ...more] = positionals
  if (action === undefined) return list(console, env, values)
  if (action === 'recommend' && name === undefined) {
    return recommendCommand(values, console, env)
  }
  if (action !== 'fetch' || name === undefined || more.length > 0) {
    throw new UsageError('It is "models", "models recommend" or "models fetch <name>".')
  }
  const onNotice = (sentence: string) => void console.stderr.write(`${sentence}\n`)
  const progress = showProgress(console, onNotice)
  const signal = interruptSignal(console)
  const { modelsDir } = env
  try {
    const { onModel } = progress
    const sources = defaultModelSources({ ...env, name })
    const wanted = { name, modelsDir, onProgress: onModel, onNotice, signal, sources }
    const { path } = await ensureModel(wanted)
    progress.done()
    console.stdout.write(`${path}\n`)
    return EXIT.ok
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted
    throw error
  }
}

async function list(
  console: Console,
  { modelsDir, dataDir }: DesktopEnv,
  wanted: RecommendedFor,
): Promise<number> {
  const figures = await createRememberedMachine({ dataDir }).recall()
  const recommended =
    figures && recommendModel({ ...figures, measure: figures.measure ?? undefined, ...wanted }).name
  for (const model of modelCatalogue) {
    const present = await isModelPresent({ name: model.name, modelsDir })
    const size = model.sizeBytes === undefined ? '' : formatMegabytes(model.sizeBytes, undefined)
    const notes = [
      model.languages === 'english' ? 'English' : 'many languages',
      size,
      present ? 'on this machine' : '',
      model.name === DEFAULT_MODEL ? 'default' : '',
      model.name === recommended ? 'recommended for this computer' : '',
    ]
    const line = notes.filter((note) => note !== '').join(', ')
    console.stdout.write(`${model.name.padEnd(20)} ${line}\n`)
  }
  return EXIT.ok
}
