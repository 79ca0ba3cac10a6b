import type { MachineMeasure } from '@saywire/speech/whisper'
import {
  ensureWhisperLibrary,
  modelCatalogue,
  modelFit,
  recommendModel,
} from '@saywire/speech/whisper'
import type { DesktopEnv } from '../env.ts'
import { createRememberedMachine } from '../models/machine-figures.ts'
import { interruptSignal, showProgress } from './caption-run.ts'
import type { Console } from './console.ts'
import { EXIT } from './exit-codes.ts'

const STRAIN = { slow: 'may fall behind here', memory: 'needs more memory than can be spared' }

/** What the recommended model must be able to do; `translate`: into English. */
export interface RecommendedFor {
  readonly language?: string | undefined
  readonly translate?: boolean | undefined
}

/** `saywire models recommend`. Returns the exit code; throws what main() describes. */
export async function recommendCommand(
  wanted: RecommendedFor,
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  const { nativeDir, dataDir } = env
  const onNotice = (sentence: string) => void console.stderr.write(`${sentence}\n`)
  const progress = showProgress(console, onNotice)
  const signal = interruptSignal(console)
  try {
    const onPercent = progress.onBuildPercent
    const library = await ensureWhisperLibrary({ nativeDir, onPercent, onNotice, signal })
    progress.done()
    onNotice('Measuring this computer …')
    const figures = await createRememberedMachine({ dataDir }).measure(library, signal)
    const machine = { ...figures, measure: figures.measure ?? undefined }
    for (const line of describe(machine.measure)) console.stdout.write(`${line}\n`)
    for (const model of modelCatalogue) {
      const { load, strain } = modelFit(model, machine)
      if (!load) continue
      const seconds = `${load.finalS.toFixed(2)} s`.padStart(8)
      const busy = `${Math.round(load.busy * 100)} % busy`.padStart(11)
      const note = strain ? `  ${STRAIN[strain]}` : ''
      console.stdout.write(`${model.name.padEnd(20)} ${seconds} ${busy}${note}\n`)
    }
    const { name, because } = recommendModel({ ...machine, ...wanted })
    console.stdout.write(`\n${name}: ${because}\n`)
    return EXIT.ok
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted
    throw error
  } finally {
    progress.done()
  }
}

function describe(measure: MachineMeasure | undefined): string[] {
  if (!measure) return ['This library cannot measure this computer.']
  const { stepMicros, ...kinds } = measure
  const speeds = Object.entries(kinds).map(([kind, { encoderGflops, decoderGbps }]) => {
    const encoder = `${encoderGflops.toFixed(0)} GFLOP/s`.padStart(12)
    return `${kind.padEnd(6)} ${encoder} in the encoder, ${decoderGbps.toFixed(1)} GB/s in the decoder`
  })
  return [
    ...speeds,
    `A step of the decoder takes ${stepMicros.toFixed(0)} µs beside its arithmetic.`,
    '',
    'A sentence of 5 s, from its end to its final, and the time of the speech threads while one speaks:',
  ]
}
