import { setTimeout as sleep } from 'node:timers/promises'
import type { SampleFormat } from '@saywire/speech'
import { createPcmConverter, PcmFramer } from '@saywire/speech'
import type { AudioListener, AudioSource } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'

const FRAME_MS = 20
const FRAME_BYTES = 640
/** How far a source that runs ahead of real time may be ahead of the engine. */
const MAX_AHEAD_MS = 5000
const AHEAD_POLL_MS = 20

/** A stream of encoded audio of a known format. */
export interface EncodedAudio {
  readonly format: SampleFormat
  readonly data: AsyncIterable<Uint8Array>
}

export interface StreamSourceOptions {
  readonly name: string
  /** @throws CaptureError */
  readonly open: () => Promise<EncodedAudio>
  /**
   * `realtime`: as it would be spoken. `fast`: as fast as it comes and the engine takes it, which
   * is also right for a live stream.
   */
  readonly pace: 'realtime' | 'fast'
}

/** Audio from a stream of bytes, converted to 16 kHz mono in frames of 20 ms. */
export function createStreamSource({ name, open, pace }: StreamSourceOptions): AudioSource {
  return {
    name,
    async run(listener, signal) {
      const opened = await untilAborted(open(), signal)
      if (!opened) return
      const { format, data } = opened
      const frames: Uint8Array[] = []
      const framer = new PcmFramer(FRAME_BYTES, (frame) => frames.push(frame))
      const converter = createPcmConverter(format, (pcm) => framer.push(pcm))
      const wait = pace === 'realtime' ? realTimePacer() : aheadPacer(listener)
      let delivered = 0

      /** False when the source was stopped. */
      async function deliver(): Promise<boolean> {
        for (const frame of frames.splice(0)) {
          await wait(delivered, signal)
          if (signal.aborted) return false
          listener.onAudio(frame)
          delivered += 1
        }
        return !signal.aborted
      }

      for await (const chunk of chunksUntilAborted(data, signal)) {
        converter.push(chunk)
        if (!(await deliver())) return
      }
      if (signal.aborted) return
      converter.end()
      framer.flush()
      if ((await deliver()) && delivered === 0) {
        throw new CaptureError('not_audio', `${name} holds no audio: its length is zero.`)
      }
    },
  }
}

type Pacer = (frameIndex: number, signal: AbortSignal) => Promise<void>

/** Frame n is due when it has been spoken to its end; what is late is not waited for. */
function realTimePacer(): Pacer {
  const startMs = performance.now()
  return async (frameIndex, signal) => {
    const dueMs = startMs + (frameIndex + 1) * FRAME_MS
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }
}

function aheadPacer(listener: AudioListener): Pacer {
  return async (_frameIndex, signal) => {
    while (listener.bufferedMs() > MAX_AHEAD_MS && !signal.aborted) {
      await sleep(AHEAD_POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Undefined, rather than the promise's value, when the signal comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Ends, rather than waits for the next chunk, when the signal comes. */
async function* chunksUntilAborted(
  data: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = data[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal)
      if (!next || next.done) return
      yield next.value
    }
  } finally {
    void iterator.return?.()
  }
}
