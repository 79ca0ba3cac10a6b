import { readFile, stat } from 'node:fs/promises'
import { cpus, freemem, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { parseJson } from '@saywire/protocol'
import type { WhisperLibrary, WhisperProcess } from '@saywire/speech/whisper'
import { machineMeasureSchema, measureMachine, memoryForSpeech } from '@saywire/speech/whisper'
import { z } from 'zod'
import { writeAtomically } from '../write-atomically.ts'

const figuresSchema = z.strictObject({
  /** Null where the library cannot measure. */
  measure: machineMeasureSchema.nullable(),
  /** What the speech process may take. */
  memoryBytes: z.number().nonnegative(),
})

/** What this machine computes, and the memory that speech may take of it. */
export type MachineFigures = z.infer<typeof figuresSchema>

const fileSchema = z.strictObject({
  processor: z.string(),
  library: z.string(),
  figures: figuresSchema,
})

export interface RememberedMachine {
  /**
   * What was measured on this processor; undefined where nothing was, or with another library than
   * the one named.
   */
  recall(library?: WhisperLibrary): Promise<MachineFigures | undefined>
  /**
   * Measures for about two seconds, and remembers it.
   * @throws SpeechError `engine_failed`; the signal's reason when aborted
   */
  measure(library: WhisperLibrary, signal?: AbortSignal): Promise<MachineFigures>
}

export interface RememberedMachineDeps {
  readonly dataDir: string
  /** How the process that measures is started. Default: a child of this process. */
  readonly spawn?: (() => WhisperProcess) | undefined
}

/** Figures in `machine.json` of the data folder: they hold until the processor or the library changes. */
export function createRememberedMachine(deps: RememberedMachineDeps): RememberedMachine {
  const file = join(deps.dataDir, 'machine.json')
  return {
    async recall(library) {
      const text = await readFile(file, 'utf8').catch(() => '')
      const remembered = fileSchema.safeParse(parseJson(text)).data
      if (remembered?.processor !== processor()) return undefined
      if (library && remembered.library !== (await identityOf(library))) return undefined
      return remembered.figures
    },
    async measure(library, signal) {
      // Before the work: the process that measures takes memory itself.
      const memoryBytes = memoryForSpeech({
        platform: process.platform,
        totalBytes: totalmem(),
        freeBytes: freemem(),
      })
      const measure = await measureMachine({ library, spawn: deps.spawn, signal })
      const figures = { measure: measure ?? null, memoryBytes }
      const remembered = { processor: processor(), library: await identityOf(library), figures }
      // A folder that cannot be written only means that the next start measures again.
      await writeAtomically(file, JSON.stringify(remembered)).catch(() => undefined)
      return figures
    },
  }
}

function processor(): string {
  const all = cpus()
  return `${all.length} × ${all[0]?.model ?? ''}`
}

async function identityOf(library: WhisperLibrary): Promise<string> {
  if (!('path' in library)) return library.kind
  const found = await stat(library.path).catch(() => undefined)
  return `${basename(library.path)} ${found?.size} ${found?.mtimeMs}`
}
