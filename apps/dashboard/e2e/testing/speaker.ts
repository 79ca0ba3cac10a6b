import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connectTranscribe } from '../../../server/src/stream/testing/transcribe-client.ts'

const WAV_HEADER_BYTES = 44
/** 100 ms of 16 kHz mono s16le. */
const FRAME_BYTES = 3200
const FRAME_MS = 100

export interface Speaker {
  /** Stops after the last words. @returns audio charged, ms */
  stop(): Promise<number>
}

/** Somebody who streams through the server from another program: real speech, in real time. */
export async function startSpeaking(
  url: string,
  login: { readonly email: string; readonly password: string },
): Promise<Speaker> {
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...login, device_name: 'Streaming PC' }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  const client = await connectTranscribe(url, { token })
  const wav = await readFile(fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')))
  const pcm = wav.subarray(WAV_HEADER_BYTES)
  let offset = 0
  const pace = setInterval(() => {
    client.sendAudio(pcm.subarray(offset, offset + FRAME_BYTES))
    offset = (offset + FRAME_BYTES) % (pcm.length - FRAME_BYTES)
  }, FRAME_MS)
  return {
    async stop() {
      clearInterval(pace)
      client.send({ type: 'stop' })
      const { used_ms } = await client.next('session_end')
      return used_ms
    },
  }
}
