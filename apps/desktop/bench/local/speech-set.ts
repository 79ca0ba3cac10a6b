import { createReadStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesToMs, createPcmConverter, readWav } from '@saywire/speech'
import { z } from 'zod'

/** Speech and what is said in it. */
export interface SpeechClip {
  /** Name within its set. */
  readonly file: string
  readonly category: string
  /** Mixed with noise. */
  readonly isNoisy: boolean
  readonly reference: string
  /** PCM s16le, 16 kHz, mono. */
  readonly pcm: Uint8Array
  readonly durationMs: number
}

export interface SpeechSet {
  /** For people. */
  readonly name: string
  /** English speech, clean and noisy. */
  readonly clips: readonly SpeechClip[]
  /** Recordings without a word: PCM as above. */
  readonly noises: readonly Uint8Array[]
}

/** Files beside the manifest. */
const manifestSchema = z.array(
  z.object({
    file: z.string(),
    lang: z.string(),
    reference: z.string(),
    category: z.string().default('speech'),
  }),
)
type Entry = z.infer<typeof manifestSchema>[number]

const MANIFEST = 'manifest.json'
/** Beside the repository, where there is one. */
const DEFAULT_FOLDER = fileURLToPath(new URL('../../../../../shared/speech', import.meta.url))
const BUNDLED: Entry = {
  file: 'en/jfk.wav',
  lang: 'en',
  category: 'speech',
  reference:
    'And so my fellow Americans ask not what your country can do for you ask what you can do for your country.',
}

/**
 * @param folder holds `manifest.json`. Undefined: the folder beside the repository, or where there is
 *   none the one clip that comes with Saywire
 */
export async function readSpeechSet(folder: string | undefined): Promise<SpeechSet> {
  const found = folder ?? (existsSync(join(DEFAULT_FOLDER, MANIFEST)) ? DEFAULT_FOLDER : undefined)
  if (found === undefined) {
    const path = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
    return { name: 'bundled clip', clips: [await readClip(BUNDLED, path)], noises: [] }
  }
  const entries = manifestSchema.parse(JSON.parse(await readFile(join(found, MANIFEST), 'utf8')))
  const clips: SpeechClip[] = []
  const noises: Uint8Array[] = []
  for (const entry of entries) {
    const path = join(found, entry.file)
    if (entry.reference === '') noises.push(await readPcm(path))
    else if (entry.lang === 'en') clips.push(await readClip(entry, path))
  }
  return { name: found, clips, noises }
}

async function readClip(entry: Entry, path: string): Promise<SpeechClip> {
  const { file, category, reference } = entry
  const pcm = await readPcm(path)
  const isNoisy = category.startsWith('noisy')
  return { file, category, isNoisy, reference, pcm, durationMs: bytesToMs(pcm.byteLength) }
}

async function readPcm(path: string): Promise<Uint8Array> {
  const { format, data } = await readWav(createReadStream(path))
  const parts: Uint8Array[] = []
  const converter = createPcmConverter(format, (pcm) => parts.push(pcm))
  for await (const bytes of data) converter.push(bytes)
  converter.end()
  return new Uint8Array(Buffer.concat(parts))
}
