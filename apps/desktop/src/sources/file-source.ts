import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AudioFormatError, readWav } from '@saywire/speech'
import type { AudioSource } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import type { EncodedAudio, StreamSourceOptions } from './stream-source.ts'
import { createStreamSource } from './stream-source.ts'

const READ_BYTES = 64 * 1024

/**
 * A WAV file of any common rate, depth and channel count. run() throws a CaptureError `not_found`,
 * `not_readable` or `not_audio`.
 */
export function createFileSource(path: string, pace: StreamSourceOptions['pace']): AudioSource {
  return createStreamSource({ name: basename(path), open: async () => openWav(path), pace })
}

async function openWav(path: string): Promise<EncodedAudio> {
  // Opening a pipe waits for its writer in a way that nothing can end.
  const kind = await stat(path).catch(() => undefined)
  if (kind?.isFIFO()) {
    throw new CaptureError('not_readable', `${path} is a pipe. Use: saywire caption - < ${path}`)
  }
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(path, cause)
  })
  if ((await file.stat()).isDirectory()) {
    await file.close()
    throw new CaptureError('not_audio', `${path} is a folder. Name a WAV file.`)
  }
  return readWavAs(path, file.createReadStream({ highWaterMark: READ_BYTES }))
}

/** @throws CaptureError `not_audio`, with what to do about it */
export async function readWavAs(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<EncodedAudio> {
  try {
    return await readWav(bytes)
  } catch (cause) {
    if (!(cause instanceof AudioFormatError)) throw fileError(name, cause)
    const input = /\s/.test(name) ? JSON.stringify(name) : name
    const hint = `Convert it first, for example: ffmpeg -i ${input} -ar 16000 -ac 1 talk.wav`
    throw new CaptureError('not_audio', `${name} is ${cause.message}. ${hint}`, cause)
  }
}

function fileError(path: string, cause: unknown): CaptureError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new CaptureError('not_found', `There is no file ${path}.`, cause)
  }
  return new CaptureError('not_readable', `${path} cannot be read (${String(code)}).`, cause)
}
