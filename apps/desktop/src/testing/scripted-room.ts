import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StartCaptureChild } from '../capture/capture-child.ts'
import { forkCaptureChild } from '../capture/capture-child.ts'
import type { CaptureDevice } from '../capture/capture-messages.ts'

/** Of real speech, 16 kHz and mono: what is spoken in every room, again and again. */
const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const WAV_HEADER_BYTES = 44
const ENTRY = fileURLToPath(new URL('./scripted-capture-process.mjs', import.meta.url))

export interface ScriptedRoom {
  /** Starts real processes that record what is in the room. */
  readonly startCapture: StartCaptureChild
  /** Plugs these in, and unplugs all others. The first is the system's default. */
  plugIn(...names: string[]): Promise<void>
}

export interface ScriptedRoomOptions {
  /** For its files. */
  readonly folder: string
  readonly microphones: readonly string[]
  /** PCM that is heard again and again. Default: real speech. */
  readonly sound?: Uint8Array
}

/** A room with microphones and a voice, for tests that need no sound card. */
export async function createScriptedRoom(options: ScriptedRoomOptions): Promise<ScriptedRoom> {
  const file = join(options.folder, 'room.json')
  const pcmFile = join(options.folder, 'speech.pcm')
  const sound = options.sound ?? (await readFile(SPEECH)).subarray(WAV_HEADER_BYTES)
  await writeFile(pcmFile, sound)
  const env = { ...process.env, SCRIPTED_ROOM: file }

  async function plugIn(...names: string[]): Promise<void> {
    const devices = names.map((name, at): Omit<CaptureDevice, 'index'> => {
      return { name, hostApi: 'Scripted', channels: 1, isDefault: at === 0 }
    })
    // Whoever reads meanwhile sees the old one or the new one.
    await writeFile(`${file}.new`, JSON.stringify({ devices, pcmFile }))
    await rename(`${file}.new`, file)
  }

  await plugIn(...options.microphones)
  return { startCapture: (task) => forkCaptureChild(task, { entry: ENTRY, env }), plugIn }
}
