import type { SpeechEngine } from '@saywire/speech'
import type { Guard } from '@saywire/speech/whisper'
import { createWhisperEngine, forkWhisperProcess } from '@saywire/speech/whisper'
import { cpuSOf, memoryOf } from './process-stat.ts'
import type { ProcessMemory } from './process-stat.ts'

export interface EngineSetting {
  readonly model: string
  readonly modelsDir: string
  readonly nativeDir: string
  readonly threads: number
}

/** The local engine as the app has it, and a look at the process that it runs. */
export interface MeasuredEngine {
  readonly engine: SpeechEngine
  /** Of the whisper process since it began, s; undefined where the system does not tell. */
  cpuS(): Promise<number | undefined>
  memory(): Promise<ProcessMemory | undefined>
  /** What the user would have been told. */
  readonly notices: readonly string[]
  dispose(): Promise<void>
}

/**
 * Started, with its model loaded.
 * @param disabledGuards against invented words
 */
export async function startEngine(
  { model, modelsDir, nativeDir, threads }: EngineSetting,
  disabledGuards: readonly Guard[] = [],
): Promise<MeasuredEngine> {
  let pid: number | undefined
  const notices: string[] = []
  const engine = createWhisperEngine({
    model,
    modelsDir,
    nativeDir,
    threads,
    onNotice: (sentence) => notices.push(sentence),
    spawn: () => {
      const started = forkWhisperProcess()
      pid = started.pid
      return started
    },
    disabledGuards,
  })
  await engine.warm?.()
  return {
    engine,
    notices,
    cpuS: async () => (pid === undefined ? undefined : cpuSOf(pid)),
    memory: async () => (pid === undefined ? undefined : memoryOf(pid)),
    dispose: async () => engine.dispose?.(),
  }
}
