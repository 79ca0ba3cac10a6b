import { spawnSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PulseServer } from './pulse-server.ts'
import { startPulseServer } from './pulse-server.ts'

/** Why there can be no virtual microphone here; undefined where there can. */
export const virtualMicrophoneMissing: string | undefined = ['pulseaudio', 'pacat'].find(
  (program) => spawnSync(program, ['--version']).status !== 0,
)

/** A microphone without a sound card: what is played into it is what it records. */
export interface VirtualMicrophone {
  /** Name of the capture device. */
  readonly device: string
  /** Environment in which PortAudio finds it. */
  readonly env: Readonly<Record<string, string>>
  /** Plays a WAV file into it; resolves when it has been played. */
  play(wavFile: string): Promise<void>
  close(): Promise<void>
}

/** One microphone, the system's default. */
export async function createVirtualMicrophone(channels = 1): Promise<VirtualMicrophone> {
  const server = await startPulseServer('vmic', channels)
  const folder = mkdtempSync(join(tmpdir(), 'saywire-vmic-'))
  const alsaConfig = join(folder, 'asound.conf')
  const pcm = pulsePcm('vmic', server)
  // Only this device: the machine's own configuration would bring devices of its own. PortAudio
  // insists on a default.
  writeFileSync(alsaConfig, `pcm.vmic ${pcm}\npcm.default ${pcm}\n`)
  return {
    device: 'vmic',
    env: { ALSA_CONFIG_PATH: alsaConfig, PULSE_SERVER: server.address },
    play: server.play,
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Microphones that are plugged in and pulled out while a program runs. */
export interface VirtualMicrophones {
  /** Environment in which PortAudio finds them. */
  readonly env: Readonly<Record<string, string>>
  /** Starts its sound, which takes a moment; `plug` does it too. */
  prepare(name: string): Promise<void>
  /** @param asDefault it becomes the system's default; the first one is it anyway */
  plug(name: string, asDefault?: boolean): Promise<void>
  /** Its sound stops, and it is no longer listed. */
  unplug(name: string): Promise<void>
  makeDefault(name: string): void
  play(name: string, wavFile: string): Promise<void>
  /** The sound system's configuration becomes one that PortAudio aborts on. */
  breakSystem(): void
  /** Undoes breakSystem(). */
  mendSystem(): void
  close(): Promise<void>
}

/** Each microphone has a sound server of its own, which dies when it is pulled out. */
export function createVirtualMicrophones(): VirtualMicrophones {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-vmics-'))
  const alsaConfig = join(folder, 'asound.conf')
  /** In the order of their listing: PortAudio takes the first where `default` cannot be opened. */
  const prepared = new Map<string, PulseServer>()
  let plugged: { readonly name: string; readonly server: PulseServer }[] = []

  function write(fallback = 'pcm.default { type hw card 99 }'): void {
    const entries = plugged.map(({ name, server }) => `pcm.${name} ${pulsePcm(name, server)}`)
    // Whole or not at all: PortAudio may be reading it.
    writeFileSync(`${alsaConfig}.new`, [...entries, fallback, ''].join('\n'))
    renameSync(`${alsaConfig}.new`, alsaConfig)
  }

  function find(name: string) {
    const found = plugged.find((microphone) => microphone.name === name)
    if (!found) throw new Error(`${name} is not plugged in`)
    return found
  }

  function makeDefault(name: string): void {
    const first = find(name)
    plugged = [first, ...plugged.filter((other) => other !== first)]
    write()
  }

  async function prepare(name: string): Promise<PulseServer> {
    const server = prepared.get(name) ?? (await startPulseServer(name))
    prepared.set(name, server)
    return server
  }

  write()
  return {
    env: { ALSA_CONFIG_PATH: alsaConfig },
    prepare: async (name) => void (await prepare(name)),
    async plug(name, asDefault = false) {
      const server = await prepare(name)
      plugged = asDefault ? [{ name, server }, ...plugged] : [...plugged, { name, server }]
      write()
    },
    async unplug(name) {
      const { server } = find(name)
      plugged = plugged.filter((other) => other.name !== name)
      prepared.delete(name)
      write()
      await server.close()
    },
    makeDefault,
    play: (name, wavFile) => find(name).server.play(wavFile),
    breakSystem: () => write(''),
    mendSystem: () => write(),
    async close() {
      await Promise.all([...prepared.values()].map((server) => server.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function pulsePcm(sink: string, { address }: PulseServer): string {
  return `{ type pulse server "${address}" device "${sink}.monitor" }`
}
