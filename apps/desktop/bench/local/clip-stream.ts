import { BYTES_PER_MS } from '@saywire/protocol'
import { createRandom } from '@saywire/speech/testing'
import { roomNoise } from './sounds/noises.ts'
import { toPcm } from './sounds/render.ts'
import type { SpeechClip } from './speech-set.ts'

export const FRAME_MS = 20
const PAUSE_MIN_MS = 800
const PAUSE_MAX_MS = 3000

export interface PlacedClip {
  readonly clip: SpeechClip
  readonly startMs: number
  readonly endMs: number
}

export interface ClipStream {
  /** PCM s16le, 16 kHz, mono; whole frames. */
  readonly pcm: Uint8Array
  readonly durationMs: number
  readonly placed: readonly PlacedClip[]
}

/**
 * All clips in one stream, in an order that follows from the seed, over and over until it is at
 * least so long; before, between and after them pauses with the noise of a quiet room.
 */
export function joinClips(
  clips: readonly SpeechClip[],
  { seed, leastMs }: { readonly seed: number; readonly leastMs: number },
): ClipStream {
  const random = createRandom(seed)
  const pieces: Uint8Array[] = []
  const placed: PlacedClip[] = []
  let atMs = 0
  const add = (pcm: Uint8Array) => {
    pieces.push(pcm)
    atMs += pcm.byteLength / BYTES_PER_MS
  }
  const pause = (afterMs: number) => {
    const wantedMs = PAUSE_MIN_MS + random() * (PAUSE_MAX_MS - PAUSE_MIN_MS)
    const endMs = Math.ceil((afterMs + wantedMs) / FRAME_MS) * FRAME_MS
    add(toPcm(roomNoise(endMs - atMs, random)))
  }
  pause(0)
  do {
    for (const clip of shuffled(clips, random)) {
      const startMs = atMs
      const wholeMs = Math.floor(clip.pcm.byteLength / BYTES_PER_MS)
      add(clip.pcm.subarray(0, wholeMs * BYTES_PER_MS))
      placed.push({ clip, startMs, endMs: atMs })
      pause(atMs)
    }
  } while (atMs < leastMs)
  return { pcm: new Uint8Array(Buffer.concat(pieces)), durationMs: atMs, placed }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}
