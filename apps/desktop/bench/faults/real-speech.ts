import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesToMs, msToBytes, readWav } from '@saywire/speech'
import { createRandom } from '@saywire/speech/testing'
import { z } from 'zod'

/** What people said, with what it is in words. */
export interface RealSpeech {
  readonly pcm: Uint8Array
  readonly durationMs: number
  readonly reference: string
}

/** Files beside the manifest. */
const manifestSchema = z.array(
  z.object({ file: z.string(), lang: z.string(), reference: z.string(), category: z.string() }),
)
interface Clip {
  readonly path: string
  /** Only so much of it. */
  readonly durationMs?: number
  readonly reference: string
}

const JFK: Clip = {
  path: fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')),
  reference:
    'And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.',
}
/** Up to the pause in its middle. */
const JFK_BEGINNING: Clip = {
  ...JFK,
  durationMs: 7900,
  reference: 'And so, my fellow Americans, ask not what your country can do for you.',
}
/** Clips that are too noisy for two runs to agree on are of no use as a yardstick. */
const NOISY = /nois/
const PAUSE_MS = 700

/**
 * @param manifest of a folder of speech; undefined: the clip that comes with Saywire
 * @returns speech of at least this length, ever different by its seed
 */
export async function createRealSpeech(
  manifest: string | undefined,
  leastMs: number,
): Promise<(seed: number) => Promise<RealSpeech>> {
  const ours = leastMs < (JFK_BEGINNING.durationMs ?? 0) ? JFK_BEGINNING : JFK
  const clips = manifest === undefined ? [ours] : await readClips(manifest)
  return async (seed) => {
    const random = createRandom(seed)
    const pieces: Uint8Array[] = [silence(200 + random() * 1500)]
    const said: string[] = []
    let bytes = 0
    while (bytes < msToBytes(leastMs)) {
      const clip = clips[Math.floor(random() * clips.length)] as Clip
      const pcm = await readPcm(clip)
      pieces.push(pcm, silence(PAUSE_MS + random() * 500))
      said.push(clip.reference)
      bytes += pcm.byteLength
    }
    const pcm = Buffer.concat([...pieces, silence(1000)])
    return { pcm, durationMs: bytesToMs(pcm.byteLength), reference: said.join(' ') }
  }
}

async function readClips(manifest: string): Promise<Clip[]> {
  const all = manifestSchema.parse(JSON.parse(await readFile(manifest, 'utf8')))
  return all
    .filter(({ lang, category }) => lang === 'en' && !NOISY.test(category))
    .filter(({ reference }) => reference !== '')
    .map(({ file, reference }) => ({ path: join(dirname(manifest), file), reference }))
}

/** These files are 16 kHz, mono, 16 bits already. */
async function readPcm({ path, durationMs = Infinity }: Clip): Promise<Uint8Array> {
  const { data } = await readWav(createReadStream(path))
  const pieces: Uint8Array[] = []
  for await (const piece of data) pieces.push(piece)
  const all = Buffer.concat(pieces)
  return all.subarray(0, msToBytes(Math.min(durationMs, bytesToMs(all.byteLength))))
}

/** Not digital silence: a room is never that quiet. */
function silence(ms: number): Uint8Array {
  const samples = new Int16Array(Math.round(ms) * 16)
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(Math.sin(i * i) * 6)
  return new Uint8Array(samples.buffer)
}
